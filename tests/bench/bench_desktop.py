#!/usr/bin/env python3
"""
roostd beside Debian's Dovecot (sdbox, its own defaults, both with durable writes) on this machine, in alternating runs:
what desktop clients ask, as seconds or per second, and their ratio. Above 1 is ours.

"first": nobody has asked for it yet. "cold": it was asked for before, and both servers have begun anew since, with
nothing of their files in memory. "warm": it was just asked for.
"""
import argparse
import os
import pathlib
import re
import shutil
import signal
import socket
import stat
import statistics
import sys
import tempfile
import threading
import time

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("bin", type=pathlib.Path, help="folder of the programs")
parser.add_argument("mails", nargs="?", type=int, default=10000, help="in the mailbox that is read, at least 3000")
parser.add_argument("--rounds", type=int, default=3, help="alternating runs, of which the median is told")
parser.add_argument("--fastest", action="store_true", help="tell the fastest instead, where others load the machine")
parser.add_argument("--short", action="store_true", help="3000 mails in one run, well under a minute")
parser.add_argument("--only", type=re.compile, default=re.compile(""), help="lines whose name has this pattern")
parser.add_argument("--dir", help="where both keep their mail")
ARGS = parser.parse_args()
MAILS = 3000 if ARGS.short else ARGS.mails
ROUNDS = 1 if ARGS.short else ARGS.rounds
SOURCE = pathlib.Path(__file__).resolve().parent.parent.parent
os.environ.setdefault("ROOST_SOURCE", str(SOURCE))
os.environ["ROOST_BIN"] = str(ARGS.bin.resolve())
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
    """One server: where its doors are, its processes, its files."""

    def __init__(self, server, top):
        self.server, self.top = server, top
        self.filled = False

    def login(self, user):
        c = Line(self.imap)
        c.imap(b"LOGIN %s secret" % user.encode())
        return c

    def forget(self):
        """Begins anew, with nothing of its files in memory."""
        self.server.stop()
        os.sync()  # what is not written yet stays in memory
        for folder, _, names in os.walk(self.top):
            for path in (os.path.join(folder, name) for name in names):
                if stat.S_ISREG(os.lstat(path).st_mode):
                    fd = os.open(path, os.O_RDONLY)
                    os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
                    os.close(fd)
        self.start()

    def fast(self, on):
        """Whatever makes filling it faster, where nothing is measured."""


class Judge(Side):
    def start(self):
        self.server.start()
        self.pid = self.server.process.pid
        self.imap, self.lmtp, self.pop3 = ((dovecot.IMAP, self.server.imap), (dovecot.LMTP, self.server.lmtp),
                                           (dovecot.POP3, self.server.pop3))

    def fast(self, on):
        """It flushes each mail, also those of one command."""
        conf = self.server.top / "conf"
        said = conf.read_text()
        if on:
            self.said = said
        self.server.stop()
        conf.write_text(re.sub(r"mail_fsync = \w+", "mail_fsync = never", said) if on else self.said)
        self.start()


class Ours(Side):
    def start(self):
        self.server.start()
        self.pid = self.server.process.pid
        ports = self.server.listening()
        self.imap, self.lmtp, self.pop3 = ((ROOST_IMAP, ports[ROOST_IMAP]), (roostd.LMTP_HOST, self.server.lmtp),
                                           (ROOST_POP3, ports[ROOST_POP3]))


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
    """The client's own work is done before; the same for both."""
    c = Line(side.lmtp)
    c.say(b"LHLO bench\r\n", 1)
    envelope = b"MAIL FROM:<a@far.test>\r\nRCPT TO:<%s>\r\n" % user.encode()
    octets = [mail(n) + b".\r\n" for n in range(mails)]

    def go():
        for o in octets:
            c.say(envelope, 2)
            c.say(b"DATA\r\n", 1)
            c.say(o, 1)
        c.socket.close()
    return go


def lmtp(side, connections, each):
    go = [deliver(side, USERS[i], each) for i in range(connections)]
    return timed(together, connections, lambda i: go[i]())


def append_command(numbers):
    return b"APPEND bench" + b"".join(b" {%d+}\r\n%s" % (len(o), o) for o in map(mail, numbers))


def append(side, connections, each, at_once=1):
    clients = [side.login(USERS[i]) for i in range(connections)]
    for c in clients:
        try:
            c.imap(b"CREATE bench")
        except AssertionError:
            pass
    commands = [append_command(range(n, n + at_once)) for n in range(0, each, at_once)]

    def one(i):
        for command in commands:
            clients[i].imap(command)
    seconds = timed(together, connections, one)
    for c in clients:
        c.socket.close()
    return seconds


def fill(side):
    """Once."""
    if side.filled:
        return
    side.filled = True
    side.fast(True)
    c = side.login(USERS[0])
    c.imap(b"CREATE big")
    for n in range(0, MAILS, 200):
        c.imap(append_command(range(n, min(n + 200, MAILS))).replace(b"bench", b"big", 1))
    c.socket.close()
    side.fast(False)


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
MARKS = [("STORE a flag of all", b"\\Flagged"), ("STORE a keyword of all", b"Later"), ("STORE \\Answered of all", b"\\Answered")]


def report(name, theirs, ours, per=None):
    """Seconds of both; per: how many were done, for rates."""
    t, o = map(min if ARGS.fastest else statistics.median, (theirs, ours))
    unit = (lambda s: f"{per / s:10.0f} /s") if per else (lambda s: f"{s * 1000:10.1f} ms")
    print(f"{name:41} dovecot {unit(t)}   roost {unit(o)}   ratio {t / o:6.2f}", flush=True)


def wanted(*names):
    """Is one of these lines asked for?"""
    return any(map(ARGS.only.search, names))


def alternate(name, judge, ours, fn, per=None, rounds=None):
    """fn gives seconds, or is timed."""
    if not wanted(name):
        return
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


def notify_cost(side, sessions=2000, mails=50):
    """KB that a session takes which waits by NOTIFY for all mailboxes, and CPU of the server for each look of one (ours)."""
    accounts = [f"notify{i}@example.test" for i in range(sessions // 40)]
    for user in accounts:
        add_account(user)
    clients = [side.login(accounts[i % len(accounts)]) for i in range(sessions)]
    before = pss(descendants(side.pid))
    for c in clients:
        c.imap(b"NOTIFY SET (personal (MessageNew MessageExpunge FlagChange MailboxName))")
    memory = (pss(descendants(side.pid)) - before) / sessions
    deliver_one, begin = deliver(side, accounts[0], mails), cpu(side.pid)
    deliver_one()
    for c in clients[::len(accounts)]:
        while b"MESSAGES %d " % mails not in c.line():
            pass
    looks = 40 * mails  # at most: who is slow hears of several at once
    return memory, (cpu(side.pid) - begin) / looks * 1e6


def cpu(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def writes(judge, ours):
    alternate("APPEND 4 KB, 1 connection", judge, ours, lambda s: append(s, 1, 200), 200)
    alternate("APPEND 4 KB, 8 connections", judge, ours, lambda s: append(s, 8, 100), 800)
    alternate("MULTIAPPEND, 100 at a time", judge, ours, lambda s: append(s, 1, 500, 100), 500)
    alternate("LMTP 4 KB, 1 connection", judge, ours, lambda s: lmtp(s, 1, 150), 150)
    alternate("LMTP 4 KB, 8 connections", judge, ours, lambda s: lmtp(s, 8, 80), 640)
    alternate("logins", judge, ours, logins, 100)


def cold(side, command):
    """SELECT and the command, since a SELECT reads as much as it likes."""
    side.forget()
    c = side.login(USERS[0])
    took = timed(c.imap, b"SELECT big") + timed(c.imap, command)
    c.socket.close()
    return took


def needs(*names):
    """A part that is left out where none of its lines is asked for."""
    def decorate(part):
        return lambda *sides: part(*sides) if wanted(*names) else None
    return decorate


READ_NAMES = [f"{name}, {how}" for name in ("SELECT", *dict(READS)) for how in ("first", "warm", "cold")]


@needs(*READ_NAMES, *(f"SELECT of {MAILS}, {how}" for how in ("first", "warm")))
def reads(judge, ours):
    for side in judge, ours:
        fill(side)
    clients = {side: side.login(USERS[0]) for side in (judge, ours)}
    alternate(f"SELECT of {MAILS}, first", judge, ours, lambda s: clients[s].imap(b"SELECT big"), None, 1)
    alternate(f"SELECT of {MAILS}, warm", judge, ours, lambda s: clients[s].imap(b"SELECT big"), None, 20)
    for side in clients:
        clients[side].imap(b"SELECT big")
    for name, command in READS:
        alternate(name + ", first", judge, ours, lambda s: clients[s].imap(command), None, 1)
        alternate(name + ", warm", judge, ours, lambda s: clients[s].imap(command))
        if wanted(name + ", cold") and not wanted(name + ", first", name + ", warm"):
            for side in clients:
                clients[side].imap(command)  # what is cold was asked for before
    for side in clients:
        clients[side].socket.close()
    for name, command in [("SELECT", b"NOOP"), *READS]:
        alternate(name + ", cold", judge, ours, lambda s: cold(s, command))


def mark(c, flag):
    """Sets it; that it is taken away again is not measured."""
    took = timed(c.imap, b"STORE 1:* +FLAGS.SILENT (%s)" % flag)
    c.imap(b"STORE 1:* -FLAGS.SILENT (%s)" % flag)
    return took


def store_ones(c, n=200):
    """Each changes the mail: what this connection set the last time is taken away."""
    c.takes = not getattr(c, "takes", True)
    for i in range(1, n + 1):
        c.imap(b"STORE %d %cFLAGS.SILENT (\\Draft)" % (i, b"+-"[c.takes]))


FLUSHED = ", always flushed"


@needs(*(name + FLUSHED for name in ("STORE a flag of all", "STORE a flag of one", "APPEND 4 KB, 1 connection")))
def flushed(_, ours):
    """Beside a Dovecot that flushes what it changes too, as it does not by default."""
    strict = Judge(dovecot.Dovecot("strict", "mail_fsync = always"), "strict")
    strict.start()
    try:
        alternate("APPEND 4 KB, 1 connection" + FLUSHED, strict, ours, lambda s: append(s, 1, 200), 200)
        for side in strict, ours:
            fill(side)
        clients = {side: side.login(USERS[0]) for side in (strict, ours)}
        for c in clients.values():
            c.imap(b"SELECT big")
        for name, flag in MARKS[:1]:
            alternate(name + FLUSHED, strict, ours, lambda s: mark(clients[s], flag))
        alternate("STORE a flag of one" + FLUSHED, strict, ours, lambda s: store_ones(clients[s]), 200)
        for c in clients.values():
            c.socket.close()
    finally:
        strict.server.stop()


@needs(*dict(MARKS), "STORE a flag of one", "COPY 1000", "MOVE 1000", "EXPUNGE 1000")
def changes(judge, ours):
    for side in judge, ours:
        fill(side)
    clients = {side: side.login(USERS[0]) for side in (judge, ours)}
    for side in clients:
        clients[side].imap(b"SELECT big")
        clients[side].imap(b"CREATE other")
    for name, flag in MARKS:
        alternate(name, judge, ours, lambda s: mark(clients[s], flag))
    alternate("STORE a flag of one", judge, ours, lambda s: store_ones(clients[s]), 200)
    for name, command in (("COPY 1000", b"COPY 1:1000 other"), ("MOVE 1000", b"MOVE 1:1000 other")):
        alternate(name, judge, ours, lambda s: clients[s].imap(command), 1000, 1)
    for side in clients:
        clients[side].imap(b"STORE 1:1000 +FLAGS.SILENT (\\Deleted)")
    alternate("EXPUNGE 1000", judge, ours, lambda s: clients[s].imap(b"EXPUNGE"), 1000, 1)
    for side in clients:
        clients[side].socket.close()


@needs("POP3 RETR, one after the other", "waiting by NOTIFY", "memory of an IDLE connection")
def sessions(judge, ours):
    for side in judge, ours:
        deliver(side, POP3_USER, 300)()
    alternate("POP3 RETR, one after the other", judge, ours, pop3, 300)
    if ARGS.only.search("NOTIFY"):
        memory, look = notify_cost(ours)
        print(f"{'waiting by NOTIFY':41} roost {memory:9.1f} KB each, {look:.0f} us of CPU each time that it is told", flush=True)
    if not ARGS.only.search("memory of an IDLE connection"):
        return
    theirs, mine = idle_memory(judge), idle_memory(ours)
    print(f"{'memory of an IDLE connection':41} dovecot {theirs:9.1f} KB   roost {mine:9.1f} KB   ratio {theirs / max(mine, .1):6.1f}")


def compare(judge, ours):
    with open("roost.conf", "a") as conf:
        conf.write(f"[imap]\nlisten = {ROOST_IMAP}:0\nplain_login = on\n[pop3]\nlisten = {ROOST_POP3}:0\nplain_login = on\n")
    for side in judge, ours:
        side.start()
    for user in (*USERS, POP3_USER):
        add_account(user)
    for part in writes, reads, flushed, changes, sessions:
        part(judge, ours)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what is below is put away all the same
    top = tempfile.mkdtemp(prefix="roost-bench-", dir=ARGS.dir)
    sides = []
    try:
        os.chmod(top, 0o755)  # Dovecot's mail user enters it
        os.chdir(top)
        sides = [Judge(dovecot.Dovecot("judge"), "judge"), Ours(Server(), "state")]
        compare(*sides)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        for side in sides:
            if side.server.process:
                side.server.stop()
        os.chdir("/")
        shutil.rmtree(top)


main()
