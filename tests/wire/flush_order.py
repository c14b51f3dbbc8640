#!/usr/bin/env python3
"""
The order of writes, flushes and answers, as strace sees it. A kill proves that a dead process loses nothing; that a dead
machine does not, depends on this order alone.
"""
import os
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/crash")
# pylint: disable=wrong-import-position
import lmtp
import trace
from instance import Site

ADDRESS = "ann@example.test"
SMALL, LARGE = 2000, 400_000
CALLS = "fsync,fdatasync,rename,mkdir,pwrite64,write,sendto,sendmsg,exit_group"


def check(sentence, problems):
    print(f"{'not ok' if problems else 'ok'} {sentence}", flush=True)
    for problem in problems:
        print(f"{sentence}: {problem}", file=sys.stderr)


class Order:
    """Of one trace; collects what is wrong with it."""

    def __init__(self, file, answer):
        self.calls = trace.parse(pathlib.Path(file).read_text(errors="replace").splitlines())
        self.problems = []
        said = [c for c in self.calls if re.search(answer, f"{c.name}({c.arguments})")]
        self.answered = said[0].begun if said else None
        if not said:
            self.problems.append(f"no {answer}")

    def before_answer(self, names, path):
        return [c for c in self.calls if c.name in names.split("|") and re.search(path, c.arguments)
                and self.answered is not None and c.ended < self.answered]

    def require(self, what, earlier, later):
        """Both there, and the earlier one at its end when the later one begins."""
        if not earlier or not later:
            self.problems.append(f"{what}: {'the first' if not earlier else 'the second'} is missing")
        elif earlier[-1].ended >= later[-1].begun:
            self.problems.append(f"{what}: in the wrong order")

    def log_is_flushed(self, database):
        wal = rf"/{database}-wal>"
        self.require(f"{database}: written, then flushed", self.before_answer("pwrite64", wal),
                     self.before_answer("fdatasync", wal))

    def body_is_on_disk_before_its_row(self):
        row = self.before_answer("fdatasync", r"/mailbox\.db-wal>")
        body = self.before_answer("fdatasync", r"/blobs/tmp/\w+>")
        named = self.before_answer("rename", r"/blobs/tmp/\w+")
        shelf = self.before_answer("fsync", r"/blobs/[0-9a-f]{2}>")
        made = self.before_answer("mkdir", r"/blobs/[0-9a-f]{2}\"")
        self.require("the body flushed, then named", body, named)
        self.require("named, then its folder flushed", named, shelf)
        self.require("its folder flushed, then its row", shelf, row)
        self.require("the folder made, then the one above flushed", made, self.before_answer("fsync", r"/blobs>"))
        self.require("the one above flushed, then its row", self.before_answer("fsync", r"/blobs>"), row)


def of_roostd(site, answer, act):
    with trace.Attached(site.process.pid, "trace", "-e", f"trace={CALLS}"):
        act()
    return Order("trace", answer)


def of_roostctl(site, *words, stdin, answer=r"exit_group\(0"):
    subprocess.run([*trace.OPTIONS, "-e", f"trace={CALLS}", "-o", "trace", site.bin / "roostctl", "-c", site.conf, *words],
                   input=stdin, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"), check=False)
    return Order("trace", answer)


def deliveries(site):
    """By both ways in, of both sizes; each large one with octets of its own, for a folder of its own."""
    client = lmtp.Client(site.lmtp)
    answer = r'(sendto|sendmsg|write)\(.*"250 2\.0\.0 delivered'
    for what, size in ("small", SMALL), ("large", LARGE):
        order = of_roostd(site, answer, lambda size=size: client.deliver([ADDRESS], lmtp.message(f"lmtp{size}", size)))
        yield f"the 250 for a {what} mail", order, size
        yield (f"the end of roostctl for a {what} mail",
               of_roostctl(site, "deliver", ADDRESS, stdin=lmtp.message(f"ctl{size}", size)), size)
    client.close()


def phone(site, *words):
    subprocess.run([*site.phone_words(ADDRESS, "phone"), *words], check=True, stdout=sys.stderr)


def main():
    if not trace.permitted():
        print("skip order strace is missing or may not trace here")
        return
    site = Site(".", os.environ["ROOST_BIN"])
    site.add_account(ADDRESS)
    site.start()
    for words in ["provision"], ["folders"], ["sync"]:
        phone(site, *words)
    for what, order, size in deliveries(site):
        order.log_is_flushed("mailbox.db")
        if size == LARGE:
            order.body_is_on_disk_before_its_row()
        check(f"{what} comes after all of it is on disk", order.problems)

    phone(site, "sync")
    message = subprocess.run([site.bin / "roost-phone", "--store", "phone", "list"], stdout=subprocess.PIPE, text=True,
                             check=True).stdout.split("\t")[0]
    order = of_roostd(site, r'"HTTP/1\.1 200', lambda: phone(site, "read", message))
    order.log_is_flushed("mailbox.db")
    check("the answer to a phone's change comes after it is on disk", order.problems)

    order = of_roostctl(site, "account", "add", "bob@example.test", "--password-stdin", stdin=b"pw\n",
                        answer=r"fdatasync\(.*/directory\.db-wal>")
    order.log_is_flushed("mailbox.db")
    for folder in r"/mailbox/\d+>", r"/state/mailbox>":
        if not order.before_answer("fsync", folder):
            order.problems.append(f"{folder} is not flushed")
    check("an account's row is flushed after its mailbox is on disk", order.problems)
    site.stop()


main()
