#!/usr/bin/env python3
"""roostd is killed while programs on a desk are at work, again and again: what it said OK to, by submission or by IMAP, holds."""
import collections
import os
import random
import re
import signal
import smtplib
import ssl
import sys
import threading

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import ANN, BOB, IMAPS, SMTPS, Desk, until
from imap_raw import Imap
from roostd import add_account, check, ctl

ROUNDS, SENDERS, WORKERS = 6, 3, 3
END = b"the end of it"
SIZES = [200, 4_000, 60_000, 300_000]  # the last lies in a file of its own
GONE = (OSError, EOFError, smtplib.SMTPException, IndexError, TypeError, AssertionError)


def message(number, size):
    return (b"From: ann@example.test\r\nTo: bob@example.test\r\nSubject: number %d.\r\n\r\n" % number
            + b"text of %08d\r\n" % number * (size // 18) + END + b"\r\n")


def number_in(text):
    return int(re.search(r"number (\d+)\.", text)[1])


def imap(server):
    client = Imap(IMAPS, server.ports[IMAPS], greeting=False)
    client.starttls()
    client.line()
    return client.login(ANN, "secret")


class Load:
    def __init__(self, rnd):
        self.rnd, self.lock, self.number = rnd, threading.Lock(), 0
        self.sent, self.appended, self.flagged, self.moved = set(), set(), set(), set()
        self.enough = threading.Event()

    def next_number(self, until):
        with self.lock:
            self.number += 1
            if self.number >= until:
                self.enough.set()
            return self.number

    def note(self, where, number):
        with self.lock:
            where.add(number)

    def sender(self, server, seed, until):
        rnd = random.Random(seed)
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        try:
            smtp = smtplib.SMTP_SSL(SMTPS, server.ports[SMTPS], context=context, timeout=60)
            smtp.login(ANN, "secret")
            while True:
                number = self.next_number(until)
                smtp.sendmail(ANN, [BOB], message(number, rnd.choice(SIZES)))
                self.note(self.sent, number)
        except GONE:
            pass

    def worker(self, server, seed, until):
        """A mail is added, flagged, and moved to Drafts: as far as it comes."""
        rnd = random.Random(seed)
        try:
            client = imap(server)
            client.say("SELECT INBOX")
            while True:
                number = self.next_number(until)
                answer = client.append("INBOX", message(number, rnd.choice(SIZES)))[-1]
                uid = re.match(r"OK \[APPENDUID \d+ (\d+)\]", answer)[1]
                self.note(self.appended, number)
                if client.say(f"UID STORE {uid} +FLAGS.SILENT (\\Flagged)")[-1].startswith("OK"):
                    self.note(self.flagged, number)
                if client.say(f"UID MOVE {uid} Drafts")[-1].startswith("OK"):
                    self.note(self.moved, number)
        except GONE:
            pass

    def round(self, server):
        """Kills the server in the midst of it."""
        until = self.number + self.rnd.randint(20, 100)
        self.enough.clear()
        threads = [threading.Thread(target=work, args=(server, self.rnd.random(), until))
                   for work, n in ((self.sender, SENDERS), (self.worker, WORKERS)) for _ in range(n)]
        for thread in threads:
            thread.start()
        self.enough.wait(60)
        server.stop(signal.SIGKILL)
        for thread in threads:
            thread.join()


def delivered():
    """How often each is in the Inbox it was sent to, and whether all are whole."""
    mails = re.split(rb"(?m)^From .*\n", ctl("export", BOB))[1:]
    numbers = [number_in(re.search(rb"^Subject: .*$", mail, re.M)[0].decode()) for mail in mails]
    return collections.Counter(numbers), all(END in mail for mail in mails)


def in_mailbox(client, mailbox):
    """Number to flags, and how often it is there."""
    client.say(f"SELECT {mailbox}")
    flags, times = {}, collections.Counter()
    for line in client.say("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[:-1]:
        if "number " in line:
            flags[number_in(line)] = line
            times[number_in(line)] += 1
    return flags, times


def main():
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed, file=sys.stderr)
    load = Load(random.Random(seed))
    server = Desk()
    server.start()
    for address in (ANN, BOB):
        add_account(address)
    for _ in range(ROUNDS):
        load.round(server)
        server.start()
    print(f"{load.number} begun, {len(load.sent)} sent, {len(load.appended)} appended, {len(load.flagged)} flagged, "
          f"{len(load.moved)} moved", file=sys.stderr)
    check("each life of the server said OK to both", len(load.sent) >= ROUNDS and len(load.appended) >= ROUNDS)
    check("what was sent arrives", until(lambda: load.sent <= set(delivered()[0])))
    check("the queue empties", until(lambda: ctl("queue", "list", "--json").strip() in (b"[]", b"")))
    times, whole = delivered()
    check("once", all(n == 1 for n in times.values()))
    check("and whole", whole)
    client = imap(server)
    inbox, inbox_times = in_mailbox(client, "INBOX")
    drafts, drafts_times = in_mailbox(client, "Drafts")
    both = inbox_times + drafts_times
    check("what was appended is there", load.appended <= set(both))
    check("in one of both mailboxes, once", all(n == 1 for n in both.values()))
    check("what was flagged is flagged", all("\\Flagged" in (inbox | drafts)[n] for n in load.flagged))
    check("what was moved is where it was moved to", load.moved <= set(drafts))
    check("the server ends well", server.stop() == 0)


main()
