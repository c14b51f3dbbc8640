#!/usr/bin/env python3
"""Disks that are full, fail, or give back other bytes; descriptors that run out. What is promised: docs/reliability.md."""
import os
import pathlib
import resource
import subprocess
import sys

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/crash")
# pylint: disable=wrong-import-position
import lmtp
import trace
from instance import Site

ANN, BOB = "ann@example.test", "bob@example.test"
SMALL, LARGE = 2000, 400_000
NAMESPACE = "ROOST_IN_NAMESPACE"


def check(sentence, *problems):
    """problems: texts; those that are empty are none."""
    problems = [p for p in problems if p]
    print(f"{'not ok' if problems else 'ok'} {sentence}", flush=True)
    for problem in problems:
        print(f"{sentence}: {problem}", file=sys.stderr)


def differ(what, found, wanted):
    return "" if found == wanted else f"{what}: {found}, not {wanted}"


class Scene:
    """Two accounts with a phone each, in a folder of its own; knows what was acknowledged."""

    def __init__(self, name, preexec=None):
        self.name, self.sent = name, 0
        self.held = {ANN: [], BOB: []}
        self.site = Site(name, os.environ["ROOST_BIN"])
        for account in self.held:
            self.site.add_account(account)
        self.site.start(preexec=preexec)
        for account in self.held:
            self.deliver(account)
            for words in ["provision"], ["folders"], ["sync"]:
                self.phone(account, *words)

    def deliver(self, account, size=SMALL):
        """LMTP's answer."""
        self.sent += 1
        name = f"mail{self.sent}"
        client = lmtp.Client(self.site.lmtp)
        code = client.deliver([account], lmtp.message(name, size))[0]
        client.close()
        if code == 250:
            self.held[account].append(name)
        return code

    def phone(self, account, *words):
        """Empty where it went well, else what the phone says."""
        store = self.site.folder / account.split("@")[0]
        done = subprocess.run([*self.site.phone_words(account, store), *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            print(f"{self.name}: {' '.join(words)}: {done.stderr.strip()}", file=sys.stderr)
        return done.stderr.strip() or f"status {done.returncode}" if done.returncode else ""

    def recovered(self, *accounts):
        """Problems, after the trouble is over: all is taken again, and the mailbox holds what was acknowledged."""
        for account in accounts or self.held:
            yield differ(f"LMTP for {account}", self.deliver(account), 250)
            yield differ(f"LMTP of a large mail for {account}", self.deliver(account, LARGE), 250)
            yield self.phone(account, "sync")
            listed = self.site.messages(account, "Inbox")
            yield differ(account, sorted(m["subject"] for m in listed), sorted(self.held[account]))
            yield differ(f"{account}'s phone", len(list((self.site.folder / account.split("@")[0]).glob("*/*.eml"))),
                         len(self.held[account]))

    def leftovers(self):
        left = [str(p) for p in self.site.state.glob("mailbox/*/blobs/tmp/*")]
        return f"left behind: {left}" if left else ""

    def a_message(self, account):
        store = self.site.folder / account.split("@")[0]
        return subprocess.run([self.site.bin / "roost-phone", "--store", store, "list"], stdout=subprocess.PIPE, text=True,
                              check=True).stdout.split("\t")[0]

    def mailbox(self, account, *names):
        return self.site.state.joinpath("mailbox", str(self.site.account_id(account)), *names)


# A full disk


def fill(path):
    with open(path, "wb", buffering=0) as f:
        try:
            for size in (1 << 16, 1 << 12, 1 << 8, 1):
                try:
                    while f.write(b"x" * size):
                        pass
                except OSError:
                    continue
        except OSError:
            pass


def full_disk():
    pathlib.Path("full/state").mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "full/state"], check=True)
    scene = Scene("full")
    fill("full/state/fill")
    check("on a full disk LMTP says 452 to small mail and large",
          differ("small", scene.deliver(ANN), 452), differ("large", scene.deliver(ANN, LARGE), 452))
    refused = scene.phone(ANN, "read", scene.a_message(ANN))
    check("a phone's change is refused on a full disk, with the status for that",
          "" if "Sync status 9" in refused else f"the phone: {refused}")
    pathlib.Path("full/state/fill").unlink()
    check("when there is room again all goes on, nothing half done", *scene.recovered(), scene.leftovers())
    check("the change that was refused is made", scene.phone(ANN, "read", scene.a_message(ANN)))
    scene.site.stop()


# Calls that fail


def failing_calls():
    scene = Scene("failing")
    cases = [
        ("a log that cannot be flushed", "fdatasync:error=EIO", SMALL, 451),
        ("a body that cannot be flushed", "fdatasync:error=EIO", LARGE, 451),
        ("a folder that cannot be flushed", "fsync:error=EIO", LARGE, 451),
        ("a rename that fails", "rename:error=EIO", LARGE, 451),
        ("a disk that fills in the log", "pwrite64:error=ENOSPC", SMALL, 452),
        ("descriptors that run out", "openat:error=EMFILE", LARGE, 451),
    ]
    for what, inject, size, code in cases:
        with trace.Attached(scene.site.process.pid, "trace", "-e", f"inject={inject}"):
            got = scene.deliver(ANN, size)
        check(f"{what}: LMTP says {code}, nothing is half done, and it goes on", differ("LMTP", got, code),
              *scene.recovered(), scene.leftovers())
    message = scene.a_message(ANN)
    with trace.Attached(scene.site.process.pid, "trace", "-e", "inject=fdatasync:error=EIO"):
        refused = scene.phone(ANN, "flag", message)
    check("a phone's change that cannot be flushed is refused for now, and made when it is sent again",
          "" if "status 5" in refused else f"the phone: {refused}", scene.phone(ANN, "flag", message), *scene.recovered())
    scene.site.stop()


def few_descriptors():
    scene = Scene("few", preexec=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (400, 400)))
    clients, refusals = [], set()
    for _ in range(500):
        try:
            client = lmtp.Client(scene.site.lmtp)
        except lmtp.Lost as e:
            refusals.add(str(e))
            continue
        clients.append(client)
        if client.greeting != 220:
            refusals.add(client.greeting)
    greeted = [c for c in clients if c.greeting == 220]
    check("more connections than descriptors: those that fit are served, the others told 421",
          differ("refusals", refusals, {421}), "" if len(greeted) > 100 else f"only {len(greeted)} served",
          differ("one that is in", greeted[-1].deliver([ANN], lmtp.message("crowd")), [250]))
    scene.held[ANN].append("crowd")
    for client in clients:
        client.close()
    while lmtp.Client(scene.site.lmtp).greeting != 220:  # it sees them go in its own time
        pass
    check("when they are gone all goes on", *scene.recovered())
    scene.site.stop()


# Damaged files


def overwrite_middle(scene):
    path = scene.mailbox(ANN, "mailbox.db")
    with open(path, "r+b") as f:
        size = path.stat().st_size
        f.seek(4096)
        f.write(os.urandom(size - 4096))


def destroy_header(scene):
    with open(scene.mailbox(ANN, "mailbox.db"), "r+b") as f:
        f.write(b"\0" * 100)


def remove_database(scene):
    scene.mailbox(ANN, "mailbox.db").unlink()


def damaged_mailboxes():
    cases = [
        ("overwritten in the middle", overwrite_middle, "mailbox/1/mailbox.db"),
        ("without its header", destroy_header, "mailbox/1/mailbox.db"),
        ("gone", remove_database, "event=mailbox_missing account=1 "),
    ]
    for what, damage, named in cases:
        scene = Scene(what.replace(" ", "-"))
        scene.site.stop()
        damage(scene)
        scene.site.start()
        got, said = scene.deliver(ANN), scene.phone(ANN, "sync")
        check(f"a mailbox file {what}: LMTP says 451, its phone gets a status, the log names it",
              differ("LMTP", got, 451), "" if "Sync status 5" in said else f"the phone: {said}",
              "" if named in scene.site.logged() else "not in the log")
        check(f"a mailbox file {what}: the others go on", *scene.recovered(BOB))
        scene.site.stop()


def lost_log():
    scene = Scene("lost-log")
    scene.site.kill()
    scene.mailbox(ANN, "mailbox.db-wal").unlink()
    scene.site.start()
    said = scene.phone(ANN, "sync")
    check("a mailbox whose log was taken away is what it was at its last checkpoint; its phone is told",
          "" if "refuses the SyncKey" in said else "the phone did not notice")
    check("a mailbox whose log was taken away: the others go on", *scene.recovered(BOB))
    scene.site.stop()


def short_body():
    scene = Scene("short-body")
    scene.deliver(ANN, LARGE)
    body = next(p for p in scene.mailbox(ANN, "blobs").glob("??/*"))
    os.truncate(body, 1000)
    said = scene.phone(ANN, "sync")
    check("a body file that was cut: the phone gets a line that says so in its place, and the log names it",
          f"the phone: {said}" if said else "",
          "" if "event=unreadable_item mailbox=1 item=2" in scene.site.logged() else "not in the log")
    check("a body file that was cut: the others go on", *scene.recovered(BOB))
    scene.site.stop()


def main():
    if trace.permitted():
        failing_calls()
    else:
        print("skip failing-calls strace is missing or may not trace here")
    few_descriptors()
    damaged_mailboxes()
    lost_log()
    short_body()
    if os.environ.get(NAMESPACE):
        full_disk()
    else:
        print("skip full-disk no mount namespace of one's own here")


# The small disk is mounted where nobody else sees it, and is gone with this process.
UNSHARE = ["unshare", "--mount", "--propagation", "private"]
if not os.environ.get(NAMESPACE) and subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False,
                                                    stderr=subprocess.DEVNULL).returncode == 0:
    os.environ[NAMESPACE] = "1"
    os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, *sys.argv])
main()
