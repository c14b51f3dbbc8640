#!/usr/bin/env python3
"""
bench_desktop BIN [MAILS]: roostd beside Debian's Dovecot (sdbox, its own defaults, both with durable writes) on this
machine, in alternating runs: what desktop clients ask, as seconds or per second, and their ratio. Above 1 is ours.

MAILS (10000, at least 3000) are in the mailbox for what reads one. "first" is the first time that anybody asks, "again" the second.
"""
import os
import pathlib
import socket
import statistics
import sys
import tempfile
import threading
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("ROOST_SOURCE", str(SOURCE))
os.environ["ROOST_BIN"] = str(pathlib.Path(sys.argv[1]).resolve())
MAILS = int(sys.argv[2]) if len(sys.argv) > 2 else 10000
ROUNDS = int(os.environ.get("ROUNDS", "3"))
sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import dovecot
import roostd
from roostd import Server, add_account

USERS = [f"user{i}@example.test" for i in range(8)]
POP3_USER = "pop3@example.test"
ROOST_IMAP, ROOST_POP3 = "127.0.0.10", "127.0.0.3"


def mail(n, size=4000):
    head = (f"From: Sender {n % 97} <sender{n % 97}@far.test>\r\nTo: ann@example.test, Bob <bob@example.test>\r\n"
            f"Subject: Message number {n} about topic {n % 31}\r\nDate: Mon, 2 Feb 2026 08:{n // 60 % 60:02}:{n % 60:02} +0100\r\n"
            f"Message-ID: <{n}@far.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
            f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nword{n} ").encode()
    tail = b"\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>text</p>\r\n--b--\r\n"
    line = b"The quick brown fox jumps over the lazy dog, again and again.\r\n"
    return head + line * ((size - len(head) - len(tail)) // len(line)) + tail


class Line:
    """A connection that counts answers and keeps none."""

    def __init__(self, at):
        self.socket = socket.create_connection(at)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""
        self.n = 0
        self.line()

    def line(self):
        while b"\r\n" not in self.rest:
            piece = self.socket.recv(1 << 16)
            if not piece:
                raise EOFError
            self.rest += piece
        line, self.rest = self.rest.split(b"\r\n", 1)
        return line

    def until(self, text):
        """Reads until all that came ends with the text."""
        data = self.rest
        while not data.endswith(text):
            piece = self.socket.recv(1 << 18)
            if not piece:
                raise EOFError
            data = data[-len(text):] + piece
        self.rest = b""

    def imap(self, command):
        """A command that may have no untagged answer."""
        self.n += 1
        tag = b"t%d" % self.n
        self.socket.sendall(tag + b" " + command + b"\r\n")
        data = b"\r\n" + self.rest
        while not (b"\r\n" + tag + b" " in data and data.endswith(b"\r\n")):
            data = data[-1000:] + self.socket.recv(1 << 18)
        self.rest = b""
        line = data.rsplit(b"\r\n" + tag + b" ", 1)[1]
        if not line.startswith(b"OK"):
            raise AssertionError(line)

    def say(self, octets, answers):
        """Sends, and reads as many answers; of SMTP's, all lines of each."""
        self.socket.sendall(octets)
        for _ in range(answers):
            while (line := self.line())[3:4] == b"-":
                pass
            if line[:1] not in b"23+":
                raise AssertionError(line)


class Side:
    """One server: where its doors are, and its processes."""

    def login(self, user):
        c = Line(self.imap)
        c.imap(b"LOGIN %s secret" % user.encode())
        return c


def pss(pids):
    total = 0
    for pid in pids:
        try:
            for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
        except OSError:
            pass
    return total


def descendants(pid):
    found, todo = [], [pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
            try:
                todo += [int(p) for p in task.read_text().split()]
            except OSError:
                pass
    return found


def timed(fn, *args):
    begin = time.perf_counter()
    fn(*args)
    return time.perf_counter() - begin


def together(n, fn):
    threads = [threading.Thread(target=fn, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def deliver(side, user, mails):
    c = Line(side.lmtp)
    c.say(b"LHLO bench\r\n", 1)
    for n in range(mails):
        c.say(b"MAIL FROM:<a@far.test>\r\nRCPT TO:<%s>\r\n" % user.encode(), 2)
        c.say(b"DATA\r\n", 1)
        c.say(mail(n) + b".\r\n", 1)
    c.socket.close()


def lmtp(side, connections, each):
    together(connections, lambda i: deliver(side, USERS[i], each))


def append(side, connections, each, at_once=1):
    clients = [side.login(USERS[i]) for i in range(connections)]
    for c in clients:
        try:
            c.imap(b"CREATE bench")
        except AssertionError:
            pass

    def one(i):
        c = clients[i]
        for n in range(0, each, at_once):
            octets = [mail(k) for k in range(n, n + at_once)]
            c.imap(b"APPEND bench" + b"".join(b" {%d+}\r\n%s" % (len(o), o) for o in octets))
    seconds = timed(together, connections, one)
    for c in clients:
        c.socket.close()
    return seconds


def fill(side):
    c = side.login(USERS[0])
    c.imap(b"CREATE big")
    for n in range(0, MAILS, 200):
        c.imap(b"APPEND big" + b"".join(b" {%d+}\r\n%s" % (len(o), o) for o in (mail(k) for k in range(n, n + 200))))
    c.socket.close()


READS = [
    ("FETCH FLAGS", b"FETCH 1:* (FLAGS)"),
    ("FETCH ENVELOPE", b"FETCH 1:* (UID ENVELOPE)"),
    ("FETCH BODYSTRUCTURE", b"FETCH 1:* (UID BODYSTRUCTURE)"),
    ("FETCH sizes and dates", b"FETCH 1:* (UID RFC822.SIZE FLAGS INTERNALDATE)"),
    ("FETCH header set", b"FETCH 1:* (UID RFC822.SIZE FLAGS BODY.PEEK[HEADER.FIELDS (From To Cc Bcc Subject Date Message-ID"
     b" Priority X-Priority References Newsgroups In-Reply-To Content-Type Reply-To Received)])"),
    ("FETCH headers", b"FETCH 1:* (BODY.PEEK[HEADER])"),
    ("FETCH bodies", b"FETCH 1:* (BODY.PEEK[])"),
    ("SEARCH UNSEEN", b"SEARCH UNSEEN"),
    ("SEARCH FROM", b"SEARCH FROM sender12@far.test"),
    ("SEARCH SUBJECT", b"SEARCH SUBJECT \"topic 17\""),
    ("SEARCH TEXT", b"SEARCH TEXT word4711"),
]
MARKS = [
    ("STORE +flag of all", b"STORE 1:* +FLAGS.SILENT (\\Flagged)"),
    ("STORE -flag of all", b"STORE 1:* -FLAGS.SILENT (\\Flagged)"),
    ("STORE +flag of one", b"STORE 7 +FLAGS.SILENT (\\Flagged)"),
]


def report(name, theirs, ours, per=None):
    """Seconds of both; per: how many were done, for rates."""
    t, o = statistics.median(theirs), statistics.median(ours)
    unit = (lambda s: f"{per / s:10.0f} /s") if per else (lambda s: f"{s * 1000:10.1f} ms")
    print(f"{name:34} dovecot {unit(t)}   roost {unit(o)}   ratio {t / o:6.2f}", flush=True)


def alternate(name, judge, ours, fn, per=None, rounds=None):
    seconds = {judge: [], ours: []}
    for _ in range(rounds or ROUNDS):
        for side in judge, ours:
            begin = time.perf_counter()
            took = fn(side)
            seconds[side].append(took if isinstance(took, float) else time.perf_counter() - begin)
    report(name, seconds[judge], seconds[ours], per)


def logins(side, n=100):
    for _ in range(n):
        side.login(USERS[1]).socket.close()


def pop3(side):
    c = Line(side.pop3)
    c.say(b"USER %s\r\n" % POP3_USER.encode(), 1)
    c.say(b"PASS secret\r\n", 1)
    begin = time.perf_counter()
    for n in range(1, 301):
        c.socket.sendall(b"RETR %d\r\n" % n)
        c.until(b"\r\n.\r\n")
    took = time.perf_counter() - begin
    c.say(b"QUIT\r\n", 1)
    return took


def idle_memory(side, n=200):
    before = pss(descendants(side.pid))
    clients = [side.login(USERS[i % 8]) for i in range(n)]
    for c in clients:
        c.imap(b"SELECT INBOX")
        c.socket.sendall(b"i IDLE\r\n")
        c.say(b"", 1)
    after = pss(descendants(side.pid))
    for c in clients:
        c.socket.close()
    return (after - before) / n


def measure(judge, ours):
    alternate("APPEND 4 KB, 1 connection", judge, ours, lambda s: append(s, 1, 200), 200)
    alternate("APPEND 4 KB, 8 connections", judge, ours, lambda s: append(s, 8, 50), 400)
    alternate("MULTIAPPEND, 100 at a time", judge, ours, lambda s: append(s, 1, 500, 100), 500)
    alternate("LMTP 4 KB, 1 connection", judge, ours, lambda s: lmtp(s, 1, 150), 150)
    alternate("LMTP 4 KB, 8 connections", judge, ours, lambda s: lmtp(s, 8, 40), 320)
    alternate("logins", judge, ours, logins, 100)
    for side in judge, ours:
        fill(side)
    clients = {side: side.login(USERS[0]) for side in (judge, ours)}
    first = {side: timed(clients[side].imap, b"SELECT big") for side in clients}
    report(f"SELECT of {MAILS}, first", [first[judge]], [first[ours]])
    alternate(f"SELECT of {MAILS}, again", judge, ours, lambda s: clients[s].imap(b"SELECT big"))
    for name, command in READS:
        took = {side: [timed(clients[side].imap, command)] for side in (judge, ours)}
        report(name + ", first", took[judge], took[ours])
        alternate(name + ", again", judge, ours, lambda s: clients[s].imap(command))
    for name, command in MARKS:
        alternate(name, judge, ours, lambda s: clients[s].imap(command), None, 1)
    for side in clients:
        clients[side].imap(b"CREATE other")
    for name, command in (("COPY 1000", b"COPY 1:1000 other"), ("MOVE 1000", b"MOVE 1:1000 other")):
        alternate(name, judge, ours, lambda s: clients[s].imap(command), 1000, 1)
    for side in clients:
        clients[side].imap(b"STORE 1:1000 +FLAGS.SILENT (\\Deleted)")
    alternate("EXPUNGE 1000", judge, ours, lambda s: clients[s].imap(b"EXPUNGE"), 1000, 1)
    for side in judge, ours:
        deliver(side, POP3_USER, 300)
    alternate("POP3 RETR, one after the other", judge, ours, pop3, 300)
    theirs, mine = idle_memory(judge), idle_memory(ours)
    print(f"{'memory of an IDLE connection':34} dovecot {theirs:9.1f} KB   roost {mine:9.1f} KB   ratio {theirs / max(mine, .1):6.1f}")


def main():
    top = tempfile.mkdtemp(prefix="roost-bench-", dir=os.environ.get("BENCH_DIR"))
    os.chmod(top, 0o755)  # Dovecot's mail user enters it
    os.chdir(top)
    judge_server = dovecot.Dovecot("judge")
    server = Server()
    with open("roost.conf", "a") as conf:
        conf.write(f"[imap]\nlisten = {ROOST_IMAP}:0\nplain_login = on\n[pop3]\nlisten = {ROOST_POP3}:0\nplain_login = on\n")
    judge_server.start()
    server.start()
    try:
        for user in (*USERS, POP3_USER):
            add_account(user)
        judge, ours = Side(), Side()
        judge.imap, judge.lmtp, judge.pop3 = ((dovecot.IMAP, judge_server.imap), (dovecot.LMTP, judge_server.lmtp),
                                              (dovecot.POP3, judge_server.pop3))
        judge.pid = judge_server.process.pid
        ports = server.listening()
        ours.imap, ours.lmtp, ours.pop3 = ((ROOST_IMAP, ports[ROOST_IMAP]), (roostd.LMTP_HOST, server.lmtp),
                                           (ROOST_POP3, ports[ROOST_POP3]))
        ours.pid = server.process.pid
        measure(judge, ours)
    finally:
        judge_server.stop()
        server.stop()


main()
