#!/usr/bin/env python3
"""NOTIFY (RFC 5465): what a client that says nothing is told, line by line."""
import os
import re
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from imap_raw import Imap
from roostd import Server, add_account, check, ctl

ANN, BOB, CID = "ann@example.test", "bob@example.test", "cid@example.test"
MAIL = b"From: joe@far.test\r\nSubject: x\r\n\r\ntext\r\n"
FOLDERS, LEVELS = 900, 8  # gateway/imap/limits.h; of a path


def imap(server, user=ANN):
    return Imap(roostd.IMAP_HOST, server.imap).login(user, "secret")


def shown(lines):
    return [line.decode("utf-8", "replace") if isinstance(line, bytes) else line for line in lines]


def check_lines(sentence, lines, *patterns):
    lines = shown(lines)
    fits = len(lines) == len(patterns) and all(re.fullmatch(p, line, re.S) for p, line in zip(patterns, lines))
    if not fits:
        print(sentence, lines, patterns, file=sys.stderr)
    check(sentence, fits)


def hears(sentence, client, act, *patterns):
    """act() is done by somebody else; the client, which says nothing, is told exactly this: what a NOOP of its own tells then is
    not more."""
    act()
    lines = []
    while len(lines) < len(patterns):
        lines.append(client.line())
    check_lines(sentence, lines + client.say("NOOP"), *patterns, "OK .*")


def check_selected(server):
    a, b = imap(server), imap(server)
    a.say("SELECT INBOX")
    b.say("SELECT INBOX")
    check_lines("SET is accepted", a.say("NOTIFY SET (selected (MessageNew (uid body.peek[header.fields (subject)]) MessageExpunge "
                                         "FlagChange))"), "OK noted")
    hears("a new mail is told and fetched", a, lambda: b.append("INBOX", MAIL), r"\* 1 EXISTS",
          r"\* 1 FETCH \(UID 1 BODY\[header.fields \(subject\)\] \{14\}\r\nSubject: x\r\n\r\n\)")
    hears("a flag is told", a, lambda: b.say("STORE 1 +FLAGS (\\Flagged)"), r"\* 1 FETCH \(UID 1 FLAGS \(\\Flagged\)\)")
    b.say("STORE 1 +FLAGS.SILENT (\\Deleted)")
    a.line()
    hears("an expunge is told", a, lambda: b.say("EXPUNGE"), r"\* 1 EXPUNGE")
    check_lines("without FlagChange", a.say("NOTIFY SET (selected (MessageNew MessageExpunge))"), "OK noted")
    hears("new mails are told alone", a, lambda: b.append("INBOX", MAIL), r"\* 1 EXISTS")
    b.say("STORE 1 +FLAGS (\\Seen)")
    hears("and no flags", a, lambda: b.append("INBOX", MAIL), r"\* 2 EXISTS")
    check_lines("NONE is accepted", a.say("NOTIFY NONE"), "OK noted")
    b.append("INBOX", MAIL)
    check_lines("then nothing is told", a.say("NOOP"), "OK .*")
    check_lines("SET tells at once what has gathered", a.say("NOTIFY SET (selected (MessageNew MessageExpunge))"), r"\* 3 EXISTS",
                "OK noted")
    tag = a.begin("IDLE")
    check_lines("IDLE hears the same", [a.line()], r"\+ idling")
    b.append("INBOX", MAIL)
    check_lines("of a new mail", [a.line()], r"\* 4 EXISTS")
    a.send(b"DONE\r\n")
    check_lines("and ends", a.until(tag), "OK done")


def check_delayed(server):
    a, b = imap(server), imap(server)
    a.say("SELECT INBOX")
    b.say("SELECT INBOX")
    a.say("NOTIFY SET (selected-delayed (MessageNew MessageExpunge)) (mailboxes Drafts (MessageNew MessageExpunge))")
    b.say("STORE 1 +FLAGS (\\Deleted)")
    b.say("EXPUNGE")
    b.append("Drafts", MAIL)
    check_lines("an expunge waits for a command", [a.line()], r"\* STATUS Drafts \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+\)")
    check_lines("which tells it", a.say("NOOP"), r"\* 1 EXPUNGE", "OK .*")


def check_condstore(server):
    a, b = imap(server), imap(server)
    a.say("ENABLE QRESYNC")
    a.say("SELECT INBOX")
    b.say("SELECT INBOX")
    a.say("NOTIFY SET (selected (MessageNew MessageExpunge FlagChange)) (personal (MessageNew MessageExpunge FlagChange))")
    b.say("STORE 1 +FLAGS.SILENT (\\Deleted)")
    check_lines("flags come with MODSEQ", [a.line()], r"\* 1 FETCH \(UID 3 FLAGS \(\\Deleted\) MODSEQ \(\d+\)\)")
    hears("an expunge is VANISHED", a, lambda: b.say("EXPUNGE"), r"\* VANISHED 3")
    b.say("SELECT Drafts")
    hears("flags elsewhere are a STATUS", a, lambda: b.say("STORE 1 +FLAGS (\\Flagged)"),
          r"\* STATUS Drafts \(MESSAGES 1 UIDNEXT 2 UIDVALIDITY \d+ UNSEEN 1 HIGHESTMODSEQ \d+\)")
    a.say("UNSELECT")
    hears("the formerly selected one is one of them", a, lambda: b.append("INBOX", MAIL),
          r"\* STATUS INBOX \(MESSAGES 3 UIDNEXT 7 UIDVALIDITY \d+ UNSEEN 3 HIGHESTMODSEQ \d+\)")
    c = imap(server)
    c.say("ENABLE UIDONLY")
    c.say("SELECT INBOX")
    c.say("NOTIFY SET (selected (MessageNew (FLAGS) MessageExpunge))")
    hears("UIDONLY: by UIDs", c, lambda: b.append("INBOX", MAIL), r"\* 4 EXISTS", r"\* 7 UIDFETCH \(UID 7 FLAGS \(\)\)")


def check_names(server):
    a, b = imap(server, BOB), imap(server, BOB)
    check_lines("STATUS shows where they stand",
                a.say("NOTIFY SET STATUS (inboxes (MessageNew MessageExpunge)) (subtree (Work \"Old\") (MailboxName))"
                      " (subscribed (SubscriptionChange))"),
                r"\* STATUS INBOX \(MESSAGES 0 UIDNEXT 1 UIDVALIDITY \d+\)", "OK noted")
    b.say("CREATE Elsewhere")
    hears("a mailbox is made", a, lambda: b.say("CREATE Work"), r'\* LIST \(\\HasNoChildren \\Subscribed\) "/" Work')
    hears("one below it, which changes it", a, lambda: b.say("CREATE Work/Plans"),
          r'\* LIST \(\\HasChildren \\Subscribed\) "/" Work', r'\* LIST \(\\HasNoChildren \\Subscribed\) "/" Work/Plans')
    hears("renamed, without those below it", a, lambda: b.say("RENAME Work Old"),
          r'\* LIST \(\\HasChildren \\Subscribed\) "/" Old \("OLDNAME" \(Work\)\)')
    hears("deleted", a, lambda: b.say("DELETE Old/Plans"), r'\* LIST \(\\HasNoChildren \\Subscribed\) "/" Old',
          r'\* LIST \(\\NonExistent\) "/" Old/Plans')
    a.say("NOTIFY SET (personal (SubscriptionChange))")
    hears("unsubscribed", a, lambda: b.say("UNSUBSCRIBE Old"), r'\* LIST \(\\HasNoChildren\) "/" Old')
    hears("and subscribed", a, lambda: b.say("SUBSCRIBE Old"), r'\* LIST \(\\HasNoChildren \\Subscribed\) "/" Old')


REFUSED = [
    ("an unknown event", "(personal (AnnotationChange))", r"NO \[BADEVENT \(MessageNew MessageExpunge FlagChange MailboxName "
                                                          r"SubscriptionChange\)\] .*"),
    ("metadata", "(personal (MailboxMetadataChange ServerMetadataChange))", r"NO \[BADEVENT .*"),
    ("MessageNew alone", "(personal (MessageNew))", "BAD .*"),
    ("FlagChange alone", "(personal (FlagChange))", "BAD .*"),
    ("names of the selected mailbox", "(selected (MessageNew MessageExpunge MailboxName))", "BAD .*"),
    ("two selected ones", "(selected NONE) (selected-delayed NONE)", "BAD .*"),
    ("fetching elsewhere", "(personal (MessageNew (UID) MessageExpunge))", "BAD .*"),
    ("a kind that is not there", "(everything (MailboxName))", "BAD .*"),
    ("no group", "", "BAD .*"),
    ("an open list", "(personal (MailboxName)", "BAD .*"),
    ("too many groups", " ".join(["(personal (MailboxName))"] * 33), r"NO \[NOTIFICATIONOVERFLOW\] .*"),
    ("too many names", "(mailboxes (" + " ".join(f"x{n}" for n in range(201)) + ") (MailboxName))",
     r"NO \[NOTIFICATIONOVERFLOW\] .*"),
]
TAKEN = ["(selected NONE)", "(personal NONE)", " ".join(["(personal (MailboxName))"] * 32),
         "(mailboxes (" + " ".join(f"x{n}" for n in range(200)) + ") (MailboxName))", '(MAILBOXES "no such" (mailboxname))',
         "(subtree INBOX (MessageNew MessageExpunge))"]


def check_refusals(server):
    a = imap(server, BOB)
    for what, groups, pattern in REFUSED:
        check_lines(f"refused: {what}", a.say(f"NOTIFY SET {groups}"), pattern)
    for groups in TAKEN:
        check_lines(f"taken: {groups[:40]}", a.say(f"NOTIFY SET {groups}"), "OK noted")


def check_many(server):
    """As many mailboxes as are watched, and one more."""
    a, b = imap(server, CID), imap(server, CID)
    there = len([line for line in b.say('LIST "" *') if line.startswith("* LIST")])
    while there < FOLDERS:  # a path makes what lies above it
        path = "/".join(f"x{there + n}" for n in range(min(LEVELS, FOLDERS - there)))
        b.say(f"CREATE {path}")
        there += LEVELS
    check_lines("as many as are watched", a.say("NOTIFY SET (personal (MailboxName))"), "OK noted")
    hears("one more ends it", a, lambda: b.say("CREATE y"), r"\* OK \[NOTIFICATIONOVERFLOW\] .*")
    check_lines("and is too many for a new one", a.say("NOTIFY SET (personal (MailboxName))"), r"NO \[NOTIFICATIONOVERFLOW\] .*")
    b.say("DELETE y")
    check_lines("until it goes", a.say("NOTIFY SET (personal (MailboxName))"), "OK noted")


def check_crowd(server):
    """Many that wait hear of one mail; nobody asks."""
    crowd = [imap(server, BOB) for _ in range(40)]
    for client in crowd:
        client.say("NOTIFY SET (inboxes (MessageNew MessageExpunge))")
    ctl("deliver", BOB, given=MAIL)
    check("all are told of a delivery from another process",
          all(client.line().startswith(b"* STATUS INBOX (MESSAGES 1 ") for client in crowd))
    for client in crowd[::2]:
        client.socket.close()
    ctl("deliver", BOB, given=MAIL)
    check("and those that stay of the next", all(client.line().startswith(b"* STATUS INBOX (MESSAGES 2 ") for client in crowd[1::2]))


def check_renewed(server):
    """A new SET takes the place of the old one at the very moment that something changes."""
    a, b = imap(server), imap(server)
    b.say("CREATE Busy")
    a.say("SELECT Busy")
    group = "NOTIFY SET (selected (MessageNew MessageExpunge)) (personal (MessageNew MessageExpunge))"
    for n in range(30):
        tags = [a.begin(group) for _ in range(10)]
        b.append("Busy", MAIL)
        for tag in tags:
            a.until(tag)
    hears("after many of them the next mail is told", a, lambda: (a.say("NOOP"), b.append("Busy", MAIL)), r"\* 31 EXISTS")


def check_deaf(server):
    """A client that wants whole mails told and reads nothing: it waits, and the others do not."""
    a, b = imap(server), imap(server)
    b.say("CREATE Large")
    a.say("SELECT Large")
    a.say("NOTIFY SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge))")
    for _ in range(20):
        b.append("Large", MAIL + b"x" * 1_000_000 + b"\r\n")
    check_lines("others are served meanwhile", b.say("NOOP"), "OK .*")
    got = []
    while sum(b"FETCH" in line for line in got) < 20:
        got.append(a.line())
    check("who reads late gets each mail once and whole",
          sorted(int(line.split()[1]) for line in got if b"FETCH" in line) == list(range(1, 21))
          and all(len(line) > 1_000_000 for line in got if b"FETCH" in line))


def main():
    server = Server(imap={"plain_login": "on"})
    for user in (ANN, BOB, CID):
        add_account(user)
    server.start()
    for part in (check_selected, check_delayed, check_condstore, check_names, check_refusals, check_many, check_crowd, check_renewed,
                 check_deaf):
        try:
            part(server)
        except (EOFError, IndexError, OSError) as error:
            print(f"{part.__name__}: {error!r}", file=sys.stderr)
            check(f"{part.__name__} comes to its end", False)
    check("the server ends in order", server.stop() == 0)


main()
