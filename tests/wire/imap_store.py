#!/usr/bin/env python3
"""STORE of more mails than one transaction takes: answers in order, other sessions in the midst of it, and at the limits."""
import os
import re
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from imap_raw import Imap
from roostd import Server, add_account, check

ANN = "ann@example.test"
SLICE = 4000  # IMAP_SLICE_FLAGS
RUNS = 1000  # IMAP_SLICE_RUNS
MAILS = SLICE + 1


def imap(server):
    return Imap(roostd.IMAP_HOST, server.imap).login(ANN, "secret")


def fill(client):
    for first in range(0, MAILS, 1000):
        octets = [b"Subject: %d\r\n\r\n\r\n" % n for n in range(first, min(first + 1000, MAILS))]
        client.socket.sendall(b"f APPEND INBOX" + b"".join(b" {%d+}\r\n%s" % (len(o), o) for o in octets) + b"\r\n")
        client.until(b"f")


def search(client, key):
    lines = client.say(f"UID SEARCH {key}")
    return [int(n) for n in lines[0].split()[2:]]


def modseq(client):
    return int(re.search(r"HIGHESTMODSEQ (\d+)", " ".join(client.say("STATUS INBOX (HIGHESTMODSEQ)")))[1])


def status(client, what):
    return int(re.search(rf"{what} (\d+)", " ".join(client.say(f"STATUS INBOX ({what})")))[1])


def fetched(lines):
    """UID -> flags, of FETCH answers in the order in which they came."""
    return {int(m[1]): m[2] for m in (re.match(r"\* \d+ FETCH \(UID (\d+) FLAGS \(([^)]*)\)", line) for line in lines) if m}


def check_all(a, b):
    for last in SLICE - 1, SLICE, SLICE + 1:
        got = fetched(a.say(f"STORE 1:{last} +FLAGS (\\Flagged)"))
        check(f"STORE of {last} answers for each, in order", list(got) == list(range(1, last + 1))
              and set(got.values()) == {"\\Flagged"})
        check(f"the other session is told of each once ({last})", fetched(b.say("NOOP")) == got
              and fetched(b.say("NOOP")) == {})
        check(f"and they alone are changed ({last})", search(b, "FLAGGED") == list(range(1, last + 1)))
        a.say("STORE 1:* -FLAGS.SILENT (\\Flagged)")
        check(f"silently taken away again ({last})", set(fetched(b.say("NOOP")).values()) == {""}
              and search(b, "FLAGGED") == [])


def check_unread(a, b):
    a.say("STORE 2:4,7,3990:* +FLAGS.SILENT (\\Seen)")
    check("unread mails are counted", status(b, "UNSEEN") == MAILS - 4 - (MAILS - 3989))
    check("and those of the set alone are seen", search(b, "SEEN") == [2, 3, 4, 7, *range(3990, MAILS + 1)])
    a.say("STORE 1:* FLAGS.SILENT ()")
    check("flags that are replaced by none", search(b, "OR OR SEEN FLAGGED DELETED") == [] and status(b, "UNSEEN") == MAILS)


def check_stale(a, b):
    """Others change one mail of each slice between."""
    before = modseq(b)
    b.say("UID STORE 10 +FLAGS.SILENT (\\Answered)")
    b.say(f"UID STORE {SLICE + 1} +FLAGS.SILENT (\\Answered)")
    lines = a.say(f"UID STORE 1:* (UNCHANGEDSINCE {before}) +FLAGS (\\Deleted)")
    got = fetched(lines)
    check("UNCHANGEDSINCE names those of every slice that others have changed",
          f"[MODIFIED 10,{SLICE + 1}]" in lines[-1])
    changed = [uid for uid in got if "\\Deleted" in got[uid]]
    check("and changes all others", changed == [n for n in range(1, MAILS) if n != 10] and search(b, "DELETED") == changed)
    check("those two are told as the others made them", {uid: got[uid] for uid in got if uid not in changed}
          == {10: "\\Answered", SLICE + 1: "\\Answered"})
    numbers = {m[1] for m in (re.search(r"MODSEQ \((\d+)\)", line) for line in lines) if m}
    check("their MODSEQs are those of few transactions", 1 <= len(numbers) <= 3)
    a.say("UID STORE 1:* FLAGS.SILENT ()")


def check_keywords(a, b):
    """Mails that become different things by one command, and as many of them as a transaction takes."""
    a.say("UID STORE 5:7 +FLAGS.SILENT (Work)")
    got = fetched(a.say("UID STORE 1:10 FLAGS (\\Flagged)"))
    check("flags are replaced, keywords too", got == {n: "\\Flagged" for n in range(1, 11)} and search(b, "KEYWORD Work") == [])
    got = fetched(a.say("UID STORE 8:12 +FLAGS (\\Answered)"))
    check("an answered mail keeps what it had", got == {n: "\\Answered \\Flagged" if n < 11 else "\\Answered"
                                                        for n in range(8, 13)})
    a.say("UID STORE 1:* FLAGS.SILENT ()")
    for last in RUNS, RUNS + 1:
        odd = ",".join(str(n) for n in range(1, last + 1, 2))
        a.say(f"UID STORE {odd} +FLAGS.SILENT (Work)")
        lines = a.say(f"UID STORE 1:{last} +FLAGS (\\Answered Home)")
        check(f"{last} mails whose keywords alternate", fetched(lines)
              == {n: "\\Answered Work Home" if n % 2 else "\\Answered Home" for n in range(1, last + 1)}
              and search(b, "KEYWORD Home ANSWERED") == list(range(1, last + 1)))
        numbers = {m[1] for m in (re.search(r"MODSEQ \((\d+)\)", line) for line in lines) if m}
        check(f"in as many transactions as {last} take", len(numbers) == (1 if last == RUNS else 2))
        got = fetched(a.say(f"UID STORE {odd} -FLAGS (Home)"))
        check("a keyword is taken from those alone that are named", set(got.values()) == {"\\Answered Work"}
              and search(b, "KEYWORD Home") == list(range(2, last + 1, 2)))
        a.say("UID STORE 1:* FLAGS.SILENT ()")


def check_expunged(a, b):
    b.say("UID STORE 3 +FLAGS.SILENT (\\Deleted)")
    b.say("UID EXPUNGE 3")
    lines = a.say("STORE 1:* +FLAGS (\\Flagged)")
    check("a mail that has gone and was not told yet", list(fetched(lines)) == [1, 2, *range(4, MAILS + 1)]
          and lines[-1].startswith("NO [EXPUNGEISSUED]"))
    check("numbers move when it is told", any(line == "* 3 EXPUNGE" for line in a.say("NOOP")))
    check("numbers of the view name UIDs", list(fetched(a.say("STORE 3:4 +FLAGS (\\Seen)"))) == [4, 5])


def main():
    server = Server(imap={"plain_login": "on"})
    server.start()
    add_account(ANN)
    a, b = imap(server), imap(server)
    fill(a)
    a.say("SELECT INBOX")
    b.say("SELECT INBOX")
    for part in check_all, check_unread, check_stale, check_keywords, check_expunged:
        part(a, b)
    check("it stops well", server.stop() == 0)


main()
