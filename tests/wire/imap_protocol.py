#!/usr/bin/env python3
"""IMAP word by word: transcripts of CONDSTORE, QRESYNC, UIDONLY, UIDBATCHES, COMPRESS, LIST-EXTENDED, REPLACE and others."""
import os
import re
import socket
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from imap_raw import Imap
from roostd import Lmtp, Server, add_account, check, ctl

ANN, BOB, CID, DAN = "ann@example.test", "bob@example.test", "cid@example.test", "dan@example.test"


def imap(server, user=ANN):
    return Imap(roostd.IMAP_HOST, server.imap).login(user, "secret")


def mail(n):
    return (f"From: Bob <bob@far.test>\r\nSubject: =?utf-8?q?mail_{n}?=\r\nMessage-ID: <{n}@far.test>\r\n"
            f"Date: Thu, 1 Jan 2026 0{n % 10}:00:00 +0000\r\n\r\ntext {n}\r\n").encode()


def check_lines(sentence, lines, *patterns):
    """Each pattern matches the line at its place, and there is no other."""
    holds = len(lines) == len(patterns) and all(re.fullmatch(p, line) for p, line in zip(patterns, lines))
    if not holds:
        print("got:", *lines, "expected:", *patterns, sep="\n  ", file=sys.stderr)
    check(sentence, holds)


def untagged(lines, word):
    return [line for line in lines if re.match(rf"\* (\d+ )?{word}\b", line)]


def code(lines, name):
    return next(re.search(rf"\[{name} ([^\]]*)\]", line)[1] for line in lines if f"[{name} " in line)


def check_condstore(server):
    a, b = imap(server), imap(server)
    for n in range(1, 5):
        a.append("INBOX", mail(n))
    check("HIGHESTMODSEQ is told at once", "HIGHESTMODSEQ" in " ".join(a.say("SELECT INBOX")))
    b.say("SELECT INBOX (CONDSTORE)")
    before = int(re.search(r"HIGHESTMODSEQ (\d+)", " ".join(b.say("STATUS INBOX (HIGHESTMODSEQ)")))[1])
    check_lines("STORE tells the new MODSEQ, silent or not", b.say("STORE 2 +FLAGS.SILENT (\\Flagged)"),
                rf"\* 2 FETCH \(UID 2 MODSEQ \({before + 1}\)\)", "OK stored")
    check_lines("UNCHANGEDSINCE leaves alone what others have changed",
                a.say(f"STORE 1:2 (UNCHANGEDSINCE {before}) +FLAGS (\\Seen)"),
                # and tells no MODSEQ above what it has not told
                rf"\* 1 FETCH \(UID 1 FLAGS \(\\Seen\) MODSEQ \({before}\)\)", r"OK \[MODIFIED 2\] .*")
    lines = b.say(f"UID FETCH 1:* (FLAGS) (CHANGEDSINCE {before})")
    check("CHANGEDSINCE gives what has changed", lines[:2] == [
        rf"* 1 FETCH (UID 1 FLAGS (\Seen) MODSEQ ({before + 2}))",
        rf"* 2 FETCH (UID 2 FLAGS (\Flagged) MODSEQ ({before + 1}))"])
    check_lines("SEARCH MODSEQ tells the highest", b.say(f"SEARCH MODSEQ {before + 1}"),
                rf"\* SEARCH 1 2 \(MODSEQ {before + 2}\)", "OK searched")
    for returns, told in (("MIN", f"MIN 1 MODSEQ {before + 2}"), ("MAX", f"MAX 2 MODSEQ {before + 1}"),
                          ("MAX COUNT", f"MAX 2 COUNT 2 MODSEQ {before + 2}"),
                          ("MIN MAX", f"MIN 1 MAX 2 MODSEQ {before + 2}")):
        check_lines(f"of what {returns} tells", b.say(f"SEARCH RETURN ({returns}) MODSEQ {before + 1}"),
                    rf'\* ESEARCH \(TAG "t\d+"\) {told}', "OK searched")
    b.say("SEARCH RETURN (SAVE) 2")
    b.say("SEARCH RETURN (SAVE) NONSENSE")
    check_lines("a BAD leaves what was saved", b.say("UID SEARCH $"), r"\* SEARCH 2", "OK searched")
    b.say("SEARCH RETURN (SAVE) CHARSET KOI8-R SUBJECT x")
    check_lines("a NO saves that nothing was found", b.say("UID SEARCH $"), r"\* SEARCH", "OK searched")
    check_lines("a section is named as a server may", b.say(b'FETCH 1 BODY.PEEK[HEADER.FIELDS ({7+}\r\nSubject "X")]'),
                r"\* 1 FETCH \(UID 1 BODY\[HEADER\.FIELDS \(Subject X\)\] \{31\}\r\nSubject: .*\r\n\r\n\)", "OK fetched")
    a.say("LOGOUT")
    b.say("LOGOUT")


def check_qresync(server):
    a, b = imap(server), imap(server)
    check_lines("QRESYNC is enabled", a.say("ENABLE QRESYNC"), r"\* ENABLED QRESYNC", "OK done")
    lines = a.say("SELECT INBOX")
    validity, modseq = code(lines, "UIDVALIDITY"), code(lines, "HIGHESTMODSEQ")
    b.say("SELECT INBOX")
    b.say("STORE 1 +FLAGS (\\Deleted)")
    b.say("EXPUNGE")
    b.say("UID STORE 3 +FLAGS (Work)")
    check_lines("an expunge is a VANISHED", a.say("NOOP"), r"\* VANISHED 1",
                r"\* 2 FETCH \(UID 3 FLAGS \(Work\) MODSEQ \(\d+\)\)", "OK done")
    a.say("UNSELECT")
    lines = a.say(f"SELECT INBOX (QRESYNC ({validity} {modseq} 1:4))")
    check("a resync tells what went, and what changed",
          untagged(lines, "VANISHED") == ["* VANISHED (EARLIER) 1"]
          and [re.sub(r"MODSEQ.*", "", line) for line in untagged(lines, "FETCH")]
          == ["* 2 FETCH (UID 3 FLAGS (Work) "] and "* 3 EXISTS" in lines)
    lines = a.say(f"SELECT INBOX (QRESYNC ({validity} {modseq} 2,4))")
    check("and nothing of what was not known", "* OK [CLOSED] the former mailbox" in lines
          and not untagged(lines, "VANISHED") and not untagged(lines, "FETCH"))
    lines = a.say(f"SELECT INBOX (QRESYNC (1 {modseq}))")
    check("another UIDVALIDITY resyncs nothing", not untagged(lines, "VANISHED") and lines[-1].startswith("OK"))
    check_lines("UID FETCH tells what vanished", a.say(f"UID FETCH 1:2 (FLAGS) (CHANGEDSINCE {modseq} VANISHED)"),
                r"\* VANISHED \(EARLIER\) 1", "OK fetched")
    b.say("STORE 1 +FLAGS (\\Deleted)")
    b.say("EXPUNGE")
    last = int(b.say("STATUS INBOX (HIGHESTMODSEQ)")[0].split()[-1].rstrip(")"))
    b.say("UID STORE 4 +FLAGS (\\Seen)")
    lines = a.say("FETCH 1:3 (MODSEQ)")
    told = [int(n) for n in re.findall(r"MODSEQ \((\d+)\)", " ".join(lines))]
    check("no MODSEQ passes an expunge that has not been told", told and max(told) < last
          and lines[-1].startswith("NO [EXPUNGEISSUED]"))
    other = imap(server)
    check("QRESYNC needs ENABLE", other.say(f"SELECT INBOX (QRESYNC ({validity} {modseq}))")[-1].startswith("BAD"))


def check_uidonly(server):
    a, b = imap(server, BOB), imap(server, BOB)
    for n in range(1, 1300):
        a.send(f"p{n} APPEND INBOX ".encode() + b"{%d+}\r\n" % len(mail(n)) + mail(n) + b"\r\n")
    for n in range(1, 1300):
        a.line()
    check_lines("UIDONLY is enabled", a.say("ENABLE UIDONLY"), r"\* ENABLED UIDONLY", "OK done")
    check("no UNSEEN by number", not any("UNSEEN" in line for line in a.say("SELECT INBOX")))
    b.say("SELECT INBOX")
    check_lines("numbers are refused", a.say("FETCH 1 FLAGS"), r"BAD \[UIDREQUIRED\] .*")
    check_lines("also in a search", a.say("UID SEARCH 1:5"), r"BAD \[UIDREQUIRED\] .*")
    check_lines("UIDFETCH is the answer", a.say("UID FETCH 5 (FLAGS)"), r"\* 5 UIDFETCH \(UID 5 FLAGS \(\)\)", "OK fetched")
    b.say("STORE 7 +FLAGS (\\Deleted)")
    b.say("EXPUNGE")
    b.say("UID STORE 9 +FLAGS (\\Seen)")
    check_lines("changes are told by UID", a.say("NOOP"), r"\* VANISHED 7", r"\* 9 UIDFETCH \(FLAGS \(\\Seen\)\)", "OK done")
    check_lines("batches of 500, the newest first", a.say("UIDBATCHES 500"),
                r"\* UIDBATCHES \(TAG \"t\d+\"\) 1299:800,799:300,299:1", "OK done")
    check_lines("some of the batches", a.say("UIDBATCHES 500 2:2"), r"\* UIDBATCHES \(TAG \"t\d+\"\) 799:300", "OK done")
    check_lines("batches have a least size", a.say("UIDBATCHES 499"), r"NO \[TOOFEW\] .*")
    check_lines("one batch holds all, down to 1", a.say("UIDBATCHES 1298"), r"\* UIDBATCHES \(TAG \"t\d+\"\) 1299:1", "OK done")
    check_lines("so does a larger one", a.say("UIDBATCHES 4294967295"), r"\* UIDBATCHES \(TAG \"t\d+\"\) 1299:1", "OK done")
    check_lines("the last one has what is left", a.say("UIDBATCHES 1297"), r"\* UIDBATCHES \(TAG \"t\d+\"\) 1299:2,1:1", "OK done")
    check_lines("more batches than there are", a.say("UIDBATCHES 500 3:200"), r"\* UIDBATCHES \(TAG \"t\d+\"\) 299:1", "OK done")
    check_lines("none that there are", a.say("UIDBATCHES 500 4:5"), r"\* UIDBATCHES \(TAG \"t\d+\"\)", "OK done")
    check_lines("a range has a most", a.say("UIDBATCHES 500 1:200")[-1:], "OK done")
    check_lines("and not one more", a.say("UIDBATCHES 500 1:201"), r"NO \[TOOMANY\] .*")
    check_lines("wherever it is", a.say("UIDBATCHES 4294967295 1:4294967295"), r"NO \[TOOMANY\] .*")
    check_lines("ranges go upwards", a.say("UIDBATCHES 500 2:1"), r"BAD \[CLIENTBUG\] .*")
    check_lines("a batch is a number", a.say("UIDBATCHES 0"), "BAD .*")
    check_lines("and so is a range", a.say("UIDBATCHES 500 1"), "BAD .*")
    check_lines("a page of a search", a.say("UID SEARCH RETURN (PARTIAL -1:-3) ALL"),
                r"\* ESEARCH \(TAG \"t\d+\"\) UID PARTIAL \(-1:-3 1297:1299\)", "OK searched")
    check_lines("a page that is empty", a.say("UID SEARCH RETURN (PARTIAL 2000:3000) ALL"),
                r"\* ESEARCH \(TAG \"t\d+\"\) UID PARTIAL \(2000:3000 NIL\)", "OK searched")
    check_lines("a page of a fetch", a.say("UID FETCH 1:10 (UID) (PARTIAL 6:8)"), r"\* 6 UIDFETCH \(UID 6\)",
                r"\* 8 UIDFETCH \(UID 8\)", r"\* 9 UIDFETCH \(UID 9\)", "OK fetched")
    check_lines("what was found is kept", a.say("UID SEARCH RETURN (SAVE) SEEN"), "OK searched")
    check_lines("and used", a.say("UID FETCH $ (FLAGS)"), r"\* 9 UIDFETCH \(UID 9 FLAGS \(\\Seen\)\)", "OK fetched")
    check_lines("COUNT, MIN and MAX", a.say("UID SEARCH RETURN (MIN MAX COUNT) NOT SEEN"),
                r"\* ESEARCH \(TAG \"t\d+\"\) UID MIN 1 MAX 1299 COUNT 1297", "OK searched")


def check_compress(server):
    a = imap(server)
    check_lines("COMPRESS begins", a.say("COMPRESS DEFLATE"), "OK from now on")
    a.compress()
    check("commands and answers pass", a.say("SELECT INBOX")[-1].startswith("OK"))
    octets = b"Subject: x\r\n\r\n" + os.urandom(150_000).hex().encode() + b"\r\n"
    uid = re.search(r"APPENDUID \d+ (\d+)", a.append("INBOX", octets)[-1])[1]
    check("a large message passes both ways", octets.decode() in a.say(f"UID FETCH {uid} BODY.PEEK[]")[0])
    check_lines("a second time is refused", a.say("COMPRESS DEFLATE"), r"NO \[COMPRESSIONACTIVE\] .*")
    check("it is not offered twice", "COMPRESS" not in a.say("CAPABILITY")[0])
    a.say(f"UID STORE {uid} +FLAGS (\\Deleted)")
    a.say("EXPUNGE")
    check("another algorithm is refused", imap(server).say("COMPRESS LZMA")[-1].startswith("BAD"))


def check_end_of_compressed(server):
    a = imap(server)
    a.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    uid = re.search(r"APPENDUID \d+ (\d+)", a.append("INBOX", b"Subject: x\r\n\r\n" + os.urandom(15_000).hex().encode() + b"\r\n")[-1])[1]
    a.say("SELECT INBOX")
    a.say("COMPRESS DEFLATE")
    a.compress()
    a.send(f"a UID FETCH {uid} BODY.PEEK[]\r\n".encode() * 600 + b"b NOOP\r\n")  # 9 MB, of which nobody reads any yet
    a.socket.shutdown(socket.SHUT_WR)
    a.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    try:
        lines = a.until(b"b")
    except EOFError:
        lines = [""]
    check("who ends his side while answers wait for him gets them all", lines[-1].startswith("OK") and len(lines) == 1201)
    a = imap(server)
    a.say("SELECT INBOX")
    a.say(f"UID STORE {uid} +FLAGS (\\Deleted)")
    a.say("EXPUNGE")


def check_lists(server):
    a = imap(server, CID)
    for name in ("Work/2026/Jan", "Lists", "&AOQ-/b"):
        a.say(f"CREATE {name}")
    check_lines("a level", a.say('LIST "" W%'), r'\* LIST \(\\HasChildren\) "/" Work', "OK done")
    check_lines("a reference", a.say('LIST Work/ %'), r'\* LIST \(\\HasChildren\) "/" Work/2026', "OK done")
    check_lines("several patterns, and what is to be told", a.say('LIST "" (inbox Lists) RETURN (SUBSCRIBED CHILDREN)'),
                r'\* LIST \(\\Subscribed \\HasNoChildren\) "/" INBOX', r'\* LIST \(\\Subscribed \\HasNoChildren\) "/" Lists',
                "OK done")
    a.say("UNSUBSCRIBE Work")
    a.say("SUBSCRIBE Gone")
    check_lines("subscribed ones, also without a mailbox", a.say('LIST (SUBSCRIBED) "" %'),
                r'\* LIST \(\\Subscribed \\HasNoChildren\) "/" INBOX',
                *[rf'\* LIST \(\\Subscribed .*\) "/" {name}' for name in (
                    '"Deleted Items"', "Drafts", '"Junk E-mail"', "Lists", "Outbox", '"Sent Items"', "&AOQ-")],
                r'\* LIST \(\\NonExistent \\Subscribed\) "/" Gone', "OK done")
    check_lines("RECURSIVEMATCH tells what is below", a.say('LIST (SUBSCRIBED RECURSIVEMATCH) "" W%'),
                r'\* LIST \(\\HasChildren\) "/" Work \("CHILDINFO" \("SUBSCRIBED"\)\)', "OK done")
    check_lines("LSUB shows the way to it", a.say('LSUB "" W%'), r'\* LSUB \(\\Noselect\) "/" Work', "OK done")
    check_lines("special uses alone", a.say('LIST (SPECIAL-USE) "" *'),
                *[rf'\* LIST \(\\HasNoChildren {use}\) "/" {name}' for use, name in (
                    (r"\\Trash", '"Deleted Items"'), (r"\\Drafts", "Drafts"), (r"\\Junk", '"Junk E-mail"'),
                    (r"\\Sent", '"Sent Items"'))], "OK done")
    check_lines("a special use is made", a.say("CREATE Old (USE (\\Archive))"), r"OK \[MAILBOXID \(F\d+\)\] created")
    check_lines("once", a.say("CREATE Older (USE (\\Archive))"), r"NO \[USEATTR\] .*")
    check_lines("for a use that is not known none is made", a.say("CREATE Starred (USE (\\Flagged))"), r"NO \[USEATTR\] .*")
    check_lines("nor for two", a.say("CREATE Two (USE (\\Junk \\Sent))"), r"NO \[USEATTR\] .*")
    check_lines("with STATUS", a.say('LIST "" Old RETURN (STATUS (MESSAGES SIZE))'),
                r'\* LIST \(\\HasNoChildren \\Archive\) "/" Old', r"\* STATUS Old \(MESSAGES 0 SIZE 0\)", "OK done")
    a.say("ENABLE UTF8=ACCEPT")
    check_lines("UTF-8 names", a.say('LIST "" "ä/%"'), r'\* LIST \(\\HasNoChildren\) "/" "ä/b"', "OK done")
    a.append("Lists", mail(1))
    check_lines("RENAME takes what is below along", a.say("RENAME Work Done"), "OK renamed")
    check("and keeps it", a.say("SELECT Done/2026/Jan")[-1].startswith("OK"))
    a.append("INBOX", mail(2))
    a.say("RENAME INBOX Before")
    check_lines("RENAME INBOX moves its mails", a.say("STATUS Before (MESSAGES)"), r"\* STATUS Before \(MESSAGES 1\)", "OK done")
    check_lines("and leaves it", a.say("STATUS INBOX (MESSAGES)"), r"\* STATUS INBOX \(MESSAGES 0\)", "OK done")
    check_lines("roles stay", a.say("DELETE Drafts"), r"NO \[CANNOT\] .*")


def check_replace(server):
    a = imap(server, CID)
    a.say("SELECT Lists")
    lines = a.say(b"REPLACE 1 Drafts (\\Draft) {%d+}\r\n" % len(mail(5)) + mail(5))
    check_lines("REPLACE puts one in the place of another", lines, r"\* 1 EXPUNGE", r"OK \[APPENDUID \d+ 1\] appended")
    check_lines("what it replaces must be there", a.say(b"UID REPLACE 1 Drafts {%d+}\r\n" % len(mail(5)) + mail(5)),
                r"NO \[EXPUNGEISSUED\] .*")
    check_lines("and then nothing is added", a.say("STATUS Drafts (MESSAGES)"), r"\* STATUS Drafts \(MESSAGES 1\)", "OK done")
    check_lines("by a number that there is", a.say(b"REPLACE 9 Drafts {%d+}\r\n" % len(mail(5)) + mail(5)),
                "BAD no such message number")
    check_lines("a message of no octets gives up", a.say(b"APPEND Lists {%d+}\r\n" % len(mail(1)) + mail(1) + b" {0+}\r\n"),
                "NO given up: .*")
    check_lines("without waiting for it", a.say("APPEND Lists {0}"), "NO given up: .*")
    two = b"{%d+}\r\n" % len(mail(1)) + mail(1) + b" (\\Seen) {%d+}\r\n" % len(mail(2)) + mail(2)
    check_lines("MULTIAPPEND", a.say(b"APPEND Lists (\\Flagged) " + two), r"\* 2 EXISTS", r"OK \[APPENDUID \d+ 2:3\] appended")
    check_lines("the last one is replaced", a.say(b"REPLACE * Lists (\\Seen) {%d+}\r\n" % len(mail(2)) + mail(2)),
                r"\* 2 EXPUNGE", r"\* 2 EXISTS", r"OK \[APPENDUID \d+ 4\] appended")
    check_lines("flags of each", a.say("FETCH 1:2 (FLAGS)"), r"\* 1 FETCH \(UID 2 FLAGS \(\\Flagged\)\)",
                r"\* 2 FETCH \(UID 4 FLAGS \(\\Seen\)\)", "OK fetched")
    check_lines("a copy has the same EMAILID", a.say("COPY 1 Drafts"), r"OK \[COPYUID \d+ 2 2\] copied")
    first = a.say("FETCH 1 (EMAILID)")[0]
    a.say("SELECT Drafts")
    check("EMAILID is the message's", a.say("FETCH 2 (EMAILID)")[0].split("EMAILID")[1] == first.split("EMAILID")[1])
    ids = re.findall(r"THREADID \((T[0-9a-f]{32})\)", " ".join(a.say("UID FETCH 1:2 (THREADID)")))
    check("THREADID is the conversation's", len(ids) == 2 and a.say(f"SEARCH THREADID {ids[0]}")[0].split()[2:])
    check_lines("a preview", a.say("FETCH 2 (PREVIEW (LAZY))"), r'\* 2 FETCH \(UID 2 PREVIEW "text 1"\)', "OK fetched")
    check_lines("no such mailbox", a.append("Nowhere", mail(1)), r"NO \[TRYCREATE\] .*")
    a.say("ENABLE IMAP4rev2")
    check_lines("IMAP4rev2 tells which mailbox is selected", [line for line in a.say("SELECT inBox") if " LIST " in line],
                r'\* LIST \(\) "/" INBOX')
    a.say("SELECT Drafts")
    check_lines("IMAP4rev2 searches extended", a.say("SEARCH ALL"), r'\* ESEARCH \(TAG "t\d+"\) ALL 1:2', "OK searched")


def check_saved(server):
    a = imap(server, CID)
    a.say("CREATE Saved")
    a.append("Saved", mail(1), '"01-Feb-2020 10:00:00 +0000" ')
    a.say("SELECT Saved")
    dates = re.search(r'INTERNALDATE "([^"]*)" SAVEDATE "([^"]*)"', a.say("FETCH 1 (INTERNALDATE SAVEDATE)")[0])
    check("SAVEDATE is when it was put here, whatever its date", dates[1] == " 1-Feb-2020 10:00:00 +0000"
          and int(dates[2][7:11]) > 2020)
    day = dates[2][:11].strip()
    check_lines("saved since then", a.say(f"SEARCH SAVEDSINCE {day}"), r"\* SEARCH 1", "OK searched")
    check_lines("and not before", a.say(f"SEARCH SAVEDBEFORE {day}"), r"\* SEARCH", "OK searched")
    check_lines("on no earlier day", a.say("SEARCH SAVEDON 1-Feb-2020"), r"\* SEARCH", "OK searched")
    check_lines("every mailbox has it", a.say("SEARCH SAVEDATESUPPORTED"), r"\* SEARCH 1", "OK searched")
    a.say("MOVE 1 Lists")
    a.say("SELECT Lists")
    check("a move keeps the date, and saves anew", "SAVEDATE \"" in a.say("FETCH * (INTERNALDATE SAVEDATE)")[0])


def check_threads(server):
    a = imap(server, CID)
    a.say("CREATE Threads")
    for n, refs in ((1, ""), (2, "<1@far.test>"), (3, "<1@far.test> <2@far.test>"), (4, "<1@far.test>")):
        a.append("Threads", f"References: {refs}\r\n".encode() * bool(refs) + mail(n))
    a.say("SELECT Threads")
    check_lines("threads by references", a.say("THREAD REFERENCES UTF-8 ALL"), r"\* THREAD \(1 \(2 3\)\(4\)\)", "OK threaded")
    check_lines("of what matches", a.say("UID THREAD REFERENCES US-ASCII UID 2:*"), r"\* THREAD \(\(2 3\)\(4\)\)", "OK threaded")
    check_lines("threads by subject", a.say("THREAD ORDEREDSUBJECT UTF-8 ALL"), r"\* THREAD \(1\)\(2\)\(3\)\(4\)", "OK threaded")
    check_lines("none", a.say("THREAD REFERENCES UTF-8 DELETED"), r"\* THREAD", "OK threaded")
    check_lines("no such algorithm", a.say("THREAD REFS UTF-8 ALL"), "BAD .*")
    check_lines("no such charset", a.say("THREAD REFERENCES KOI8-R ALL"), r"NO \[BADCHARSET .*")


def quota_mail(octets):
    return b"Subject: q\r\n\r\n" + b"x" * (octets - 16) + b"\r\n"


def check_quota(server):
    add_account(DAN)
    a, lmtp = imap(server, DAN), Lmtp(server)
    check_lines("no limits: no root", a.say("GETQUOTAROOT INBOX"), r"\* QUOTAROOT INBOX", "OK done")
    check_lines("and no quota", a.say('GETQUOTA ""'), r"NO \[NONEXISTENT\] .*")
    ctl("account", "quota", DAN, "10k", "4")
    check_lines("APPEND up to the limit", a.append("INBOX", quota_mail(5120)), r"OK \[APPENDUID \d+ 1\] appended")
    check_lines("exactly", a.append("INBOX", quota_mail(5120)), r"OK \[APPENDUID \d+ 2\] appended")
    check_lines("is told", a.say("GETQUOTAROOT Drafts"), r'\* QUOTAROOT Drafts ""',
                r'\* QUOTA "" \(STORAGE 10 10 MESSAGE 2 4\)', "OK done")
    check_lines("past it not", a.append("INBOX", quota_mail(17)), r"NO \[OVERQUOTA\] .*")
    check_lines("nor by LMTP", lmtp.deliver([DAN], quota_mail(17)), "452 4.2.2 mailbox full")
    check_lines("what could never be kept is told so", lmtp.deliver([DAN], quota_mail(11000)), "552 5.3.4 message too large")
    a.say("SELECT INBOX")
    check_lines("nor by COPY", a.say("COPY 1 Drafts"), r"NO \[OVERQUOTA\] .*")
    check_lines("MOVE needs no room", a.say("MOVE 1 Drafts"), r"\* OK \[COPYUID .*", r"\* 1 EXPUNGE", "OK moved")
    check_lines("flags don't either", a.say("STORE 1 +FLAGS (\\Deleted)"), r"\* 1 FETCH .*", "OK stored")
    check_lines("what waits to be expunged", a.say("STATUS INBOX (DELETED DELETED-STORAGE)"),
                r"\* STATUS INBOX \(DELETED 1 DELETED-STORAGE 5120\)", "OK done")
    a.say("EXPUNGE")
    check("after EXPUNGE there is room", [r[:3] for r in lmtp.deliver([DAN], quota_mail(17))] == ["250"])
    two = b"{17+}\r\n" + quota_mail(17)
    check_lines("MULTIAPPEND is one", a.say(b"APPEND INBOX " + two + b" " + two + b" " + two), r"\* 1 EXISTS",
                r"NO \[OVERQUOTA\] .*")
    check_lines("all or nothing", a.say(b"APPEND INBOX " + two + b" " + two), r"\* 3 EXISTS", r"OK \[APPENDUID .*")
    check_lines("as many messages as are allowed", a.say('GETQUOTA ""'), r'\* QUOTA "" \(STORAGE 6 10 MESSAGE 4 4\)', "OK done")
    check_lines("REPLACE needs no more of them", a.say(b"REPLACE 1 INBOX {17+}\r\n" + quota_mail(17)), r"\* 1 EXPUNGE",
                r"\* 3 EXISTS", r"OK \[APPENDUID .*")
    check_lines("the client sets none", a.say('SETQUOTA "" (STORAGE 1000)'), r"NO \[NOPERM\] .*")
    ctl("account", "quota", DAN, "none")
    check_lines("without limits again", a.append("INBOX", quota_mail(20000)), r"\* 4 EXISTS", r"OK \[APPENDUID .*")
    check("and the account says what it has", ctl("account", "quota", DAN) == b"bytes 25171 of none\nmessages 5 of none\n")


def main():
    server = Server(imap={"plain_login": "on"})
    for user in (ANN, BOB, CID):
        add_account(user)
    server.start()
    for part in (check_condstore, check_qresync, check_uidonly, check_compress, check_end_of_compressed, check_lists, check_replace, check_saved, check_threads,
                 check_quota):
        try:
            part(server)
        except (EOFError, IndexError, StopIteration, OSError, TypeError) as error:
            check(f"{part.__name__} runs to its end ({error!r})", False)
    check("the server ends in order", server.stop() == 0)


main()
