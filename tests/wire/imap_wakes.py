#!/usr/bin/env python3
"""One mailbox, seen from a desk and from a phone: each change is told to who waits on the other side, and none is lost."""
import os
import re
import sys
import threading

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import ANN, BOB, IMAP, Desk
from imap_raw import Imap
from roostd import Lmtp, Phone, add_account, check

ROUNDS = 150
ENOUGH_S = 120  # a guard
MAIL = b"From: joe@far.test\r\nSubject: x\r\n\r\ntext\r\n"


def imap(server, user=ANN, compressed=False):
    client = Imap(IMAP, server.ports[IMAP])
    client.say("STARTTLS")
    client.starttls()
    client.login(user, "secret")
    if compressed:
        client.say("COMPRESS DEFLATE")
        client.compress()
    client.say("SELECT INBOX")
    return client


def check_race(server):
    """A mail that comes while IDLE begins is told, and DONE is answered."""
    client, lmtp, told = imap(server, compressed=True), Lmtp(server), 0
    for n in range(1, ROUNDS + 1):
        delivery = threading.Thread(target=lmtp.deliver, args=([ANN], MAIL))
        delivery.start()
        tag = client.begin("IDLE")
        while not re.search(rb"\* %d EXISTS" % n, client.line()):
            pass
        told += 1
        client.send(b"DONE\r\n")
        client.until(tag)
        delivery.join()
    check("no mail that comes while IDLE begins goes untold", told == ROUNDS)


def heard(client, act, pattern):
    """IDLE hears what act() does."""
    tag = client.begin("IDLE")
    client.line()
    act()
    while not re.search(pattern, line := client.line()):
        print(line, file=sys.stderr)
    client.send(b"DONE\r\n")
    client.until(tag)
    return True


def woken(phone, *words, by):
    """A request that is held ends by what by() does."""
    waiting = phone.start(*words, "--heartbeat", "600")
    by()
    waiting.communicate(timeout=ENOUGH_S)
    return waiting.returncode == 0


def server_ids(phone):
    return [line.split()[0].decode() for line in phone.do("list").splitlines()]


def check_both_ways(server):
    phone, client = Phone(server, BOB, "phone"), imap(server, BOB)
    phone.begin()
    check("APPEND ends a phone's Ping", woken(phone, "ping", by=lambda: client.append("INBOX", MAIL)))
    phone.do("sync")
    check("and a held Sync", woken(phone, "wait", by=lambda: client.append("INBOX", MAIL)))
    phone.do("sync")
    check("a flag that is set on the desk does", woken(phone, "wait", by=lambda: client.say("STORE 1 +FLAGS (\\Flagged)")))
    phone.do("sync")
    first, second = server_ids(phone)[:2]
    check("what a phone reads is told to IDLE", heard(client, lambda: (phone.do("read", second), phone.do("sync")),
                                                      rb"FETCH .*\\Seen"))
    check("what a phone deletes, too", heard(client, lambda: (phone.do("delete", first), phone.do("sync")), rb"\* \d EXPUNGE"))
    check("a phone that comes by what is expunged", woken(phone, "wait", by=lambda: (
        client.say("STORE 1 +FLAGS (\\Deleted)"), client.say("EXPUNGE"))))
    phone.do("sync")
    check("then both have nothing in the Inbox", "* 0 EXISTS" in client.say("SELECT INBOX"))


def main():
    server = Desk()
    add_account(ANN)
    add_account(BOB)
    server.start()
    check_race(server)
    check_both_ways(server)
    check("the server ends in order", server.stop() == 0)


main()
