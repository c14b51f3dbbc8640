#!/usr/bin/env python3
"""roostd is killed while mail comes in by LMTP, again and again: what was answered with 250 is there, once and whole."""
import collections
import os
import random
import re
import signal
import sys
import threading

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from roostd import Lmtp, Server, add_account, check

ROUNDS, CLIENTS = 8, 4
ADDRESSES = [f"user{n}@example.test" for n in range(3)]
SIZES = [200, 4_000, 60_000, 300_000]  # the last lies in a file of its own
END = b"the end of it"


def message(number, size):
    head = b"Subject: number %d.\r\nMessage-ID: <%d@far.test>\r\n\r\n" % (number, number)
    return head + b"text of %08d\r\n" % number * (size // 18) + END + b"\r\n"


class Load:
    """Clients that deliver, each message once, until the server is gone."""

    def __init__(self, rnd):
        self.rnd, self.lock, self.number = rnd, threading.Lock(), 0
        self.answered = collections.defaultdict(set)  # address to numbers
        self.enough = threading.Event()  # of a round

    def next_number(self):
        with self.lock:
            self.number += 1
            return self.number

    def client(self, server, seed, until):
        rnd = random.Random(seed)
        try:
            session = Lmtp(server)
            while True:
                number = self.next_number()
                to = rnd.sample(ADDRESSES, rnd.randint(1, len(ADDRESSES)))
                for address, answer in zip(to, session.deliver(to, message(number, rnd.choice(SIZES)))):
                    if answer.startswith("250"):
                        with self.lock:
                            self.answered[address].add(number)
                if number >= until:
                    self.enough.set()
        except OSError:
            pass
        except EOFError:
            pass

    def round(self, server):
        """Kills the server in the middle of it."""
        until = self.number + self.rnd.randint(20, 120)
        self.enough.clear()
        clients = [threading.Thread(target=self.client, args=(server, self.rnd.random(), until)) for _ in range(CLIENTS)]
        for client in clients:
            client.start()
        self.enough.wait(60)
        server.stop(signal.SIGKILL)
        for client in clients:
            client.join()


def main():
    seed = random.SystemRandom().randrange(1 << 32)
    print("seed", seed, file=sys.stderr)
    load = Load(random.Random(seed))
    server = Server()
    server.start()
    for address in ADDRESSES:
        add_account(address)
    for _ in range(ROUNDS):
        load.round(server)
        server.start()
    there = {}
    whole = True
    for address in ADDRESSES:
        mails = re.split(rb"(?m)^From .*\n(?=Return-Path: )", roostd.ctl("export", address))[1:]
        numbers = [int(re.search(rb"^Subject: number (\d+)\.\r?$", mail, re.M)[1]) for mail in mails]
        there[address] = collections.Counter(numbers)
        whole = whole and all(END in mail for mail in mails)
    answered = sum(map(len, load.answered.values()))
    print(f"{load.number} sent, {answered} answered, {sum(map(len, there.values()))} there", file=sys.stderr)
    check(f"mail was answered in each of {ROUNDS} lives of the server", answered >= ROUNDS)
    check("every mail that was answered is there", all(load.answered[a] <= set(there[a]) for a in ADDRESSES))
    check("no mail is there twice", all(n == 1 for a in ADDRESSES for n in there[a].values()))
    check("every mail that is there is whole", whole)
    check("the server ends well", server.stop() == 0)


main()
