#!/usr/bin/env python3
"""
Random lives: three desktops and a phone at one mailbox. Each desktop keeps what its untagged responses tell it; at the end
that is what the store has. One of them goes away now and then, and its resync is what a fresh SELECT would tell.
"""
import os
import random
import re
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from imap_raw import Imap
from roostd import Phone, Server, add_account, check

ANN = "ann@example.test"
STEPS = int(os.environ.get("ROOST_LIVES_STEPS", "250"))
FLAGS = ("\\Seen", "\\Flagged", "\\Answered", "\\Deleted", "Work", "$Forwarded")


class Desktop:
    """By sequence number: a list of [uid, flags], as the responses have it."""

    def __init__(self, server, dice):
        self.server, self.dice, self.mails = server, dice, []
        self.connection = Imap(roostd.IMAP_HOST, server.imap).login(ANN, "secret")
        self.select()

    def select(self):
        self.mails = []
        self.say("SELECT INBOX")
        self.say("FETCH 1:* (FLAGS)") if self.mails else None

    def hear(self, line):
        number = re.match(r"\* (\d+) (EXISTS|EXPUNGE|FETCH)\b", line)
        if not number:
            return
        n, what = int(number[1]), number[2]
        if what == "EXISTS":
            assert n >= len(self.mails), f"EXISTS {n} takes mails away: {len(self.mails)}"
            self.mails += [[None, None] for _ in range(n - len(self.mails))]
        elif what == "EXPUNGE":
            del self.mails[n - 1]
        else:
            uid, flags = re.search(r"UID (\d+)", line), re.search(r"FLAGS \(([^)]*)\)", line)
            mail = self.mails[n - 1]
            assert not uid or mail[0] in (None, int(uid[1])), f"number {n} is UID {uid[1]} now, and was {mail[0]}"
            mail[:] = [int(uid[1]) if uid else mail[0], frozenset(flags[1].split()) if flags else mail[1]]

    def say(self, text):
        try:
            lines = self.connection.say(text)
        except TimeoutError:
            raise RuntimeError(f"no answer to {text!r}: {self.connection.buffer!r}")
        for line in lines[:-1]:
            self.hear(line)
        return lines[-1]

    def state(self):
        self.say("NOOP")
        if any(mail[0] is None or mail[1] is None for mail in self.mails):
            self.say("FETCH 1:* (FLAGS)")
            self.say("NOOP")
        return {uid: flags for uid, flags in self.mails}

    def step(self):
        n = len(self.mails)
        some = str(self.dice.randint(1, n)) if n else "1"
        range_of = f"{some}:{self.dice.randint(1, n)}" if n else "1"
        uids = ",".join(str(mail[0]) for mail in self.dice.sample(self.mails, min(n, 3)) if mail[0]) or "1"
        flag = self.dice.choice(FLAGS)
        way = self.dice.choice(("+FLAGS", "-FLAGS", "FLAGS"))
        self.say(self.dice.choice((
            f"STORE {some} {way} ({flag})", f"STORE {range_of} {way} ({flag})", f"UID STORE {uids} {way} ({flag})",
            f"UID STORE {uids} +FLAGS (\\Deleted)", "EXPUNGE", f"UID EXPUNGE {uids}", f"FETCH {range_of} (FLAGS)",
            f"UID FETCH {uids} (FLAGS BODY[])", f"MOVE {some} Archive", f"UID MOVE {uids} Archive", f"COPY {some} INBOX",
            "NOOP", "NOOP", "SEARCH UNSEEN", "UID SEARCH DELETED", self.append(), self.append(), self.append())))

    def append(self):
        return "APPEND INBOX ({}) {{27+}}\r\nSubject: {:08d}\r\n\r\ntext\r\n".format(
            self.dice.choice(FLAGS), self.dice.randrange(10**8))


class Resyncing(Desktop):
    """By UID, with QRESYNC: it goes away and comes back with what it knew."""

    def __init__(self, server, dice):
        self.server, self.dice, self.known, self.modseq, self.validity = server, dice, {}, 0, None
        self.next = 1  # UIDs from here on are not known yet
        self.connect()

    def connect(self):
        self.connection = Imap(roostd.IMAP_HOST, self.server.imap).login(ANN, "secret")
        self.say("ENABLE QRESYNC")
        resync = f" (QRESYNC ({self.validity} {self.modseq}))" if self.validity else ""
        self.say("SELECT INBOX" + resync)
        self.look_for_new()

    def look_for_new(self):
        """As clients do: whatever came since the last look lies behind what they know."""
        last = self.next
        self.say(f"UID FETCH {self.next}:* (FLAGS)")
        self.next = max([last - 1, *self.known]) + 1

    def hear(self, line):
        code = re.search(r"\[(UIDVALIDITY|HIGHESTMODSEQ) (\d+)\]", line)
        if code and code[1] == "UIDVALIDITY":
            assert self.validity in (None, code[2])
            self.validity = code[2]
        elif code:
            self.told = int(code[2])
        vanished = re.match(r"\* VANISHED (?:\(EARLIER\) )?(\S+)", line)
        if vanished:
            for part in vanished[1].split(","):
                low, _, high = part.partition(":")
                for uid in [u for u in self.known if int(low) <= u <= int(high or low)]:
                    del self.known[uid]
        fetch = re.match(r"\* \d+ FETCH .*UID (\d+)", line)
        flags, modseq = re.search(r"FLAGS \(([^)]*)\)", line), re.search(r"MODSEQ \((\d+)\)", line)
        if fetch and flags:
            self.known[int(fetch[1])] = frozenset(flags[1].split())
        if fetch and modseq:
            self.modseq = max(self.modseq, int(modseq[1]))

    def say(self, text):
        self.told = 0
        answer = super().say(text)
        self.modseq = max(self.modseq, self.told)
        return answer

    def step(self):
        self.mails = [[uid, flags] for uid, flags in sorted(self.known.items())]
        if self.dice.random() < 0.2:
            self.connection.socket.close()
            self.connect()
        elif self.dice.random() < 0.3:
            self.look_for_new()
        else:
            super().step()

    def state(self):
        self.connection.socket.close()
        self.connect()
        return dict(self.known)


def truth(server):
    desktop = Desktop(server, None)
    return desktop.state()


def phone_acts(phone, dice):
    """It reads, flags or deletes something of the Inbox; into Deleted Items, or for good."""
    phone.do("sync")
    mine = [line.split()[0].decode() for line in phone.do("list").splitlines() if line.startswith(b"1:")]  # the Inbox
    if mine:
        phone.do(*dice.choice((["read"], ["unread"], ["flag"], ["unflag"], ["delete"], ["--for-good", "delete"])),
                 dice.choice(mine))
        phone.do("sync")


def live(server, seed, phone):
    dice = random.Random(seed)
    desktops = [Desktop(server, dice), Desktop(server, dice), Resyncing(server, dice)]
    for step in range(STEPS):
        if dice.random() < 0.05:
            phone_acts(phone, dice)
        dice.choice(desktops).step()
    states = [desktop.state() for desktop in desktops]
    wanted = truth(server)
    for kind, state in zip(("a desktop", "another", "one that resyncs"), states):
        if state != wanted:
            print(f"seed {seed}: {kind}:", {u: f for u, f in state.items() if wanted.get(u) != f},
                  {u: f for u, f in wanted.items() if state.get(u) != f}, file=sys.stderr)
    for desktop in desktops:
        desktop.connection.socket.close()
    return all(state == wanted for state in states)


def main():
    server = Server(imap={"plain_login": "on"})
    add_account(ANN)
    server.start()
    Imap(roostd.IMAP_HOST, server.imap).login(ANN, "secret").say("CREATE Archive")
    phone = Phone(server, ANN, "phone")
    phone.begin()
    seeds = [int(os.environ["ROOST_LIVES_SEED"])] if "ROOST_LIVES_SEED" in os.environ else [1, 2, 3, 4]
    for seed in seeds:
        check(f"what each desktop was told is what there is (life {seed})", live(server, seed, phone))
    check("the server ends in order", server.stop() == 0)


main()
