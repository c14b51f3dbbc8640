#!/usr/bin/env python3
"""
imports.py BIN: two imports of one Maildir at a time while a phone does its first sync, then an account that is removed
while its phones sync. Every mail is there once, for the store and for phones.
"""
import collections
import subprocess
import sys
import threading

import lab
from lab import AIRSYNC, Closed

MAILS = 1500


def maildir(path):
    for part in ("cur", "new", "tmp"):
        (path / part).mkdir(parents=True)
    for i in range(MAILS):
        (path / "cur" / f"{1514764800 + i}.M{i}P1.h:2,").write_bytes(b"Subject: %d\n\nbody %d\n" % (i, i) + b"x" * (i % 5000))


def two_imports(server):
    words = [server.bin / "roostctl", "-c", server.conf, "import", "ann@example.test", server.folder / "md"]
    running = [subprocess.Popen(words, stderr=subprocess.PIPE) for _ in range(2)]
    rounds = 0
    for words in (("provision",), ("folders",)):
        server.phone("FIRST", *words)
    while any(p.poll() is None for p in running):
        server.phone("FIRST", "sync", "--window", "50")
        rounds += 1
    said = [p.communicate()[1].decode() for p in running]
    wrong = [s for p, s in zip(running, said) if p.returncode]
    print(f"{rounds} syncs meanwhile;", *(s.strip().splitlines()[-1] for s in said))
    server.phone("FIRST", "sync")
    bodies = [p.read_bytes() for p in (server.folder / "FIRST").glob("*/*.eml")]
    twice = [body[:40] for body, n in collections.Counter(bodies).items() if n > 1]
    if len(bodies) != MAILS or twice:
        wrong.append(f"{len(bodies)} mails instead of {MAILS}, twice: {twice[:5]}")
    if said := server.converges():
        wrong.append(said)
    return wrong


def removal(server):
    """Whoever syncs is refused from then on; nothing else ends, and nothing is left on disk."""
    server.account("bob")
    server.ctl("import", "bob@example.test", server.folder / "md")
    statuses, done = collections.Counter(), threading.Event()

    def sync(number):
        key = "0"
        while not done.is_set():
            try:
                answer = server.ask("Sync", lab.sync([lab.collection(1, key, lab.body_options(4), window=20)]),
                                    device=f"GONE{number}", user="bob@example.test")
            except Closed:
                statuses["closed"] += 1
                continue
            statuses[answer.status] += 1
            if answer.status == 401:
                return
            key = lab.text_of(answer.tree(), AIRSYNC, 0x0B, "0") if answer.status == 200 and answer.body else "0"

    threads = [threading.Thread(target=sync, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    while statuses[200] < 20:
        server.ask("FolderSync", lab.folder_sync(0))
    server.ctl("account", "remove", "bob@example.test", "--yes")
    for t in threads:
        t.join(60)
    done.set()
    print("removal", dict(statuses))
    left = sorted(p.name for p in (server.folder / "state/mailbox").iterdir())
    wrong = [f"left on disk: {left}"] if left != ["1"] else []
    return wrong + [f"{k}: {n} times" for k, n in statuses.items() if k not in (200, 401, 403, 503)]


def main():
    server = lab.Server(sys.argv[1])
    server.account("ann")
    maildir(server.folder / "md")
    server.start()
    wrong = []
    try:
        wrong += two_imports(server)
        wrong += removal(server)
    except (AssertionError, OSError, Closed) as e:
        wrong.append(repr(e))
    ended = server.end()
    print(*wrong, *ended, sep="\n")
    return 1 if wrong or ended else 0


sys.exit(main())
