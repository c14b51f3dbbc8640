#!/usr/bin/env python3
"""
storm.py BIN [--seconds N] [--seed N]: one account's phones send everything at once over several connections, hang up
where it suits them, while mail comes in by LMTP and an administrator edits, removes devices, closes the account and
removes others. Then roostd ends with what it holds, comes again, and a clean phone has what the store has.
"""
import argparse
import random
import signal
import socket
import sys
import threading
import time

import lab
from lab import AIRSYNC, Closed, request

ANN, BOB = "ann@example.test", "bob@example.test"
MAILS = sorted(lab.SAMPLES.glob("*.eml"))
DEVICES = ["STORM1", "STORM2"]


class Storm:
    def __init__(self, server, args):
        self.server, self.until = server, time.monotonic() + args.seconds
        self.counts, self.lock, self.wrong = {}, threading.Lock(), []
        self.keys = {}  # (user, device, folder) to keys seen; "h" for the hierarchy

    def blows(self):
        return time.monotonic() < self.until and self.server.alive()

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def note_key(self, where, key):
        if key:
            self.keys.setdefault(where, ["0"]).append(key)

    def key(self, rnd, where):
        keys = self.keys.get(where, ["0"])
        return rnd.choice((keys[-1], keys[-1], keys[-1], keys[max(0, len(keys) - 2)], "0"))


def a_request(storm, rnd, user, device):
    folder = rnd.choice((1, 1, 1, 3, 4, 7, 8))
    key = storm.key(rnd, (user, device, folder))
    commands = []
    if key != "0" and rnd.randrange(3) == 0:
        item = f"{folder}:{rnd.randrange(1, 400)}"
        commands = [rnd.choice((lab.change_read(item, rnd.randrange(2)), lab.change_flag(item, 2), lab.delete(item),
                                lab.fetch(item)))]
    kind = rnd.randrange(9)
    if kind < 4:
        held = rnd.choice((None, None, 60, 120))
        body = lab.sync([lab.collection(folder, key, lab.body_options(rnd.choice((1, 2, 4))), commands,
                                        rnd.choice((None, 1, 10)))], held)
        return "Sync", body, folder
    if kind < 7:
        return "Ping", lab.ping(rnd.sample((1, 2, 3, 4, 5, 7, 8), 3), rnd.choice((60, 61, 600))), None
    if kind == 7:
        return "FolderSync", lab.folder_sync(storm.key(rnd, (user, device, "h"))), "h"
    return "Provision", lab.provision(), None


def learn(storm, where, answer):
    if answer.status == 200 and answer.body and where[2] is not None:
        tree = answer.tree()
        page, token = (lab.FOLDERS, 0x12) if where[2] == "h" else (AIRSYNC, 0x0B)
        storm.note_key(where, lab.text_of(tree, page, token))


def phone(storm, seed):
    rnd = random.Random(seed)
    while storm.blows():
        user, device = rnd.choice((ANN, ANN, BOB)), rnd.choice(DEVICES)
        try:
            with storm.server.connect(timeout=rnd.choice((0.2, 1, 3))) as c:
                for _ in range(rnd.choice((1, 1, 5))):
                    command, body, about = a_request(storm, rnd, user, device)
                    octets = request(command, body, device=device, version=rnd.choice(("14.1", "16.1")), user=user)
                    cut = rnd.randrange(10)
                    if cut == 0:
                        c.send(octets[:rnd.randrange(len(octets))])
                        break
                    c.send(octets)
                    if cut == 1:
                        break
                    answer = c.answer()
                    storm.count(f"{command} {answer.status}")
                    learn(storm, (user, device, about), answer)
                    if answer.status >= 500 and answer.status != 503 and user == ANN:
                        storm.wrong.append(f"{command}: {answer.status}")
        except (Closed, OSError, TimeoutError):
            storm.count("left")


def post(storm, seed):
    rnd, number = random.Random(seed), 0
    while storm.blows():
        to = rnd.choice((ANN, ANN, BOB))
        number += 1
        text = f"From: a@b.test\r\nSubject: storm {number}\r\n\r\n".encode() + b"x" * rnd.choice((10, 3000, 300000)) + b"\r\n"
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rb") as lines:
            s.settimeout(30)
            s.connect(str(storm.server.folder / "lmtp"))
            s.sendall(b"LHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<" + to.encode() + b">\r\nDATA\r\n")
            said = b""
            while said[:3] not in (b"354", b"503", b"554", b"421"):
                said = lines.readline()
                if not said:
                    break
            if said[:3] != b"354" or rnd.randrange(6) == 0:
                s.sendall(text[:rnd.randrange(len(text))])
                storm.count("mail left")
                continue
            s.sendall(text + b".\r\n")
            storm.count("mail " + lines.readline()[:3].decode())


def administrate(storm, seed):
    rnd, ctl = random.Random(seed), storm.server.ctl
    password = "--password-file", storm.server.folder / "password"
    acts = [
        lambda: ctl("import", ANN, rnd.choice(MAILS), "--folder", f"F{rnd.randrange(6)}/{rnd.randrange(3)}"),
        lambda: ctl("message", rnd.choice(("read", "unread", "flag", "delete")), ANN, rnd.randrange(1, 300), check=False),
        lambda: ctl("message", "move", ANN, rnd.randrange(1, 300), "--folder", f"F{rnd.randrange(6)}", check=False),
        lambda: ctl("device", "remove", ANN, rnd.choice(DEVICES), check=False),
        lambda: (ctl("account", "disable", ANN), ctl("account", "enable", ANN)),
        lambda: ctl("account", "passwd", ANN, *password),
        lambda: (ctl("account", "remove", BOB, "--yes", check=False), ctl("account", "add", BOB, *password, check=False)),
        lambda: ctl("sweep"),
        lambda: storm.server.process.send_signal(signal.SIGHUP),
    ]
    while storm.blows():
        act = rnd.randrange(len(acts))
        try:
            acts[act]()
        except AssertionError as e:
            storm.wrong.append(str(e))
        storm.count(f"act {act:02}")


def blow(server, args):
    storm = Storm(server, args)
    threads = [threading.Thread(target=phone, args=(storm, args.seed * 100 + i)) for i in range(8)]
    threads += [threading.Thread(target=post, args=(storm, args.seed * 100 + i)) for i in range(2)]
    threads += [threading.Thread(target=administrate, args=(storm, args.seed * 100 + i)) for i in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for what, n in sorted(storm.counts.items()):
        print(what, n)
    return storm.wrong


def ends_with_holds(server):
    """SIGTERM while Pings and Syncs are held: each is answered or closed, and roostd ends with 0."""
    with server.connect() as a, server.connect() as b:
        a.send(request("Ping", lab.ping([1]), device="LAST1"))
        b.send(request("Ping", lab.ping([1]), device="LAST2"))
        status = server.stop()
    return [f"roostd ended with status {status} while it held"] if status else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    server = lab.Server(args.bin)
    for name in ("ann", "bob"):
        server.account(name)
    server.ctl("import", ANN, lab.SAMPLES)
    server.start()
    wrong = []
    try:
        wrong = blow(server, args)
        wrong += ends_with_holds(server)
        server.start()
        for user in (ANN, BOB):
            if said := server.converges(user=user, store="CLEAN" + user[:3].upper()):
                wrong.append(said)
    except (AssertionError, OSError, Closed) as e:
        wrong.append(repr(e))
    ended = server.end()
    print(*wrong[:20], *ended, sep="\n")
    return 1 if wrong or ended else 0


sys.exit(main())
