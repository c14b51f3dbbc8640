#!/usr/bin/env python3
"""The same mails in Debian's Dovecot and in roost, by LMTP and by APPEND: what IMAP answers about them is the same."""
import os
import pathlib
import random
import re
import socket
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import dovecot
import roostd
from imap_wire import Imap, fetched, parse
from roostd import Lmtp, Server, add_account, check, crlf

SOURCE = pathlib.Path(os.environ["ROOST_SOURCE"])
ANN = "ann@example.test"
ROOST_IMAP = "127.0.0.10"
TRACE = re.compile(rb"(?im)^(?:return-path|delivered-to|received):.*\r\n(?:[ \t].*\r\n)*")

SECTIONS = ["BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[1.MIME]", "BODY.PEEK[2]", "BODY.PEEK[2.MIME]", "BODY.PEEK[1.1]",
            "BODY.PEEK[2.1]", "BODY.PEEK[2.HEADER]", "BODY.PEEK[2.TEXT]", "BODY.PEEK[1.2.MIME]", "BODY.PEEK[9]",
            "BODY.PEEK[HEADER.FIELDS (SUBJECT FROM TO CC DATE MESSAGE-ID CONTENT-TYPE)]",
            "BODY.PEEK[HEADER.FIELDS (X-NOT-THERE)]",
            "BODY.PEEK[HEADER.FIELDS.NOT (RECEIVED RETURN-PATH DELIVERED-TO)]", "BODY.PEEK[TEXT]<7.50>",
            "BODY.PEEK[1]<0.10>", "BODY.PEEK[1]<1000000.10>"]
# Of messages in messages, and of parts that are encoded.
DEEP_SECTIONS = ["ENVELOPE", "BODYSTRUCTURE", "RFC822.HEADER", "RFC822.TEXT", "BODY.PEEK[HEADER]<5.20>", "BODY.PEEK[]<0.1>",
                 *(f"BODY.PEEK[{s}" + ("" if "]<" in s else "]") + (">" if "]<" in s else "") for s in (
                     "1", "2", "1.1", "1.2", "2.1", "2.2", "2.3", "2.2.1", "2.2.2", "2.2.2.1", "2.2.2.2", "1.MIME", "2.MIME",
                     "2.1.MIME", "2.2.MIME", "2.2.1.MIME", "2.2.2.2.MIME", "2.HEADER", "2.TEXT", "2.2.HEADER", "2.2.TEXT",
                     "2.2.2.HEADER", "2.2.2.TEXT", "2.HEADER.FIELDS (SUBJECT)", "2.HEADER.FIELDS.NOT (SUBJECT X)",
                     "2.2.HEADER.FIELDS (subject FROM)", "2.2.HEADER.FIELDS.NOT (X)", "2.2.HEADER.FIELDS.NOT (X)]<3.7",
                     "2.2.TEXT]<4.9", "2.2.2.1]<1.3", "HEADER.FIELDS (X-Twice)", "HEADER.FIELDS.NOT (x-twice)",
                     "HEADER.FIELDS (X-Folded SUBJECT)]<2.30")),
                 *(f"BINARY.{w}[{s}]" for w in ("PEEK", "SIZE") for s in ("1", "2.1", "2.2.1", "2.2.2.2"))]
SEARCHES = [
    "OR (OR SEEN FLAGGED) (NOT (SUBJECT Re: UNSEEN))", "NOT NOT SEEN", "NOT OR SEEN NOT FLAGGED", "OR NOT SEEN NOT FLAGGED",
    "(SEEN) (FLAGGED)", "HEADER Subject \"\"", "NOT HEADER List-Id \"\"", "HEADER X-Not-There \"\"",
    *(f"{w} {d}-Jan-2024" for w in ("ON", "SINCE", "BEFORE", "NOT ON") for d in (1, 2)), "SINCE 31-Dec-2023", "SENTSINCE 29-Feb-2024",
    "OLDER 1", "YOUNGER 1", "UID *", "UID 999999:*", "1:* NOT 2:4", "UNKEYWORD $Forwarded", "KEYWORD nothing", "LARGER 0",
    "SMALLER 1", "LARGER 4294967295", "FROM \"\"", "CC \"\"", "BODY \"\"", "TEXT \"\"", "RETURN () ALL", "RETURN (MIN) NOT ALL",
    "RETURN (ALL) NOT ALL", "RETURN (COUNT MIN) UID 1:3", "RETURN (MAX) NOT 1:3",
    "ALL", "SEEN", "UNSEEN", "FLAGGED", "DELETED", "NOT DELETED", "KEYWORD $Forwarded", "1:3", "UID 2:4", "*",
    "OR FLAGGED SEEN", "NOT (OR FLAGGED SEEN)", "SUBJECT Re:", "SUBJECT meeting", "SUBJECT \"\"", "FROM ann", "FROM example.test",
    "TO bob", "CC example", "BCC x", "HEADER Message-ID example", "HEADER X-Mailer \"\"", "HEADER List-Id \"\"",
    "BODY hello", "TEXT hello", "BODY the", "TEXT Content-Type", "LARGER 1000", "SMALLER 1000", "SENTSINCE 1-Jan-2024",
    "SENTBEFORE 1-Jan-2024", "SENTON 1-Jan-2024", *(f"SENT{w} {d}-Feb-2026" for w in ("ON", "SINCE") for d in (4, 5, 9, 10, 11, 12)),
    "SAVEDON 1-Jan-2000", "SAVEDSINCE 1-Jan-2000", "SAVEDBEFORE 1-Jan-2000", "SAVEDATESUPPORTED", "SINCE 1-Jan-2000", "BEFORE 1-Jan-2000", "NOT SUBJECT a",
    "CHARSET UTF-8 SUBJECT \u00fc", "CHARSET UTF-8 SUBJECT \u65e5", "CHARSET UTF-8 TEXT \u041f", "CHARSET UTF-8 BODY \u00fc",
    "CHARSET UTF-8 FROM \u00f6", "RETURN (MIN MAX COUNT) ALL", "RETURN (ALL) NOT SEEN", "RETURN (COUNT) SUBJECT Re:",
    "OLDER 60", "YOUNGER 3600",
]
SORTS = ["(ARRIVAL)", "(DATE)", "(SUBJECT)", "(FROM)", "(TO)", "(CC)", "(SIZE)", "(REVERSE DATE)", "(SUBJECT REVERSE DATE)",
         "(DISPLAYFROM)", "(DISPLAYTO)", "(REVERSE SIZE)", "(REVERSE ARRIVAL)", "(CC REVERSE DATE)", "(REVERSE CC REVERSE FROM)"]
# Of mails that have much in common, and lack what others have.
TIES = ["(DATE)", "(REVERSE DATE)", "(SUBJECT)", "(REVERSE SUBJECT)", "(FROM SUBJECT)", "(REVERSE FROM DATE)", "(TO)", "(REVERSE CC)",
        "(SUBJECT REVERSE DATE FROM)"]
THREADS = ["REFERENCES", "ORDEREDSUBJECT"]
THREAD_SEEDS = 8

# Where we answer otherwise, and why: what is asked, of which mails (None: any of them).
DEVIATIONS = [
    # RFC 5322 2.2.3: unfolding takes the line end away and nothing else; the judge makes a blank of the tab behind it.
    (r"ENVELOPE", {"24-emoji-subject.eml"}),
    # RFC 2046 5.1.1: the line end in front of a delimiter belongs to it. The judge counts it to a multipart that ends there.
    (r"BODY(STRUCTURE)?", {"29-forwarded.eml", "rfc-000.eml", "rfc-003.eml", "rfc-007.eml", "rfc-008.eml", "rfc-009.eml"}),
    (r"BODY\[[12](\.TEXT)?\]", {"04-inline-image.eml", "15-meeting-request.eml", "29-forwarded.eml", "rfc-008.eml"}),
    # The judge adds charset=us-ascii to a text part whose type has other parameters and no charset.
    (r"BODY(STRUCTURE)?", {"27-bare-lf.eml", "legacy-026.eml"}),
    # A CR that stands alone is kept as it came; the judge drops one.
    (r"BODY(STRUCTURE)?|BODY\[(|TEXT|1)\]|RFC822\.SIZE", {"legacy-049.eml"}),
    # n.1 of a part that is no multipart is not there; the judge gives the part itself.
    (r"BODY\[[12]\.1\]", None),
    (r"(BODY|BINARY|BINARY\.SIZE)\[2\.2\.(2\.)?1(\.MIME)?\](<1>)?", {"outer.eml", "middle.eml"}),
    # 2.HEADER is of a message in a message alone (RFC 9051 6.4.5.1); the judge gives a part that is encoded in base64.
    (r"BODY\[2\.HEADER\]", {"rfc-008.eml"}),
    # A mail without a Date was sent on no day; the judge finds it before every day.
    (r"(UID )?SEARCH SENTBEFORE .*", None),
    # The judge takes accents away before it compares: an a is in every a with one.
    (r"(UID )?SEARCH NOT SUBJECT a", None),
    (r"(UID )?SEARCH CHARSET UTF-8 BODY \u00fc", None),
    # Octets beyond ASCII in a field are windows-1252 to us where they are no UTF-8, and sort as that.
    (r"(UID )?SORT .*SUBJECT.*", None),
    # A group without members ("undisclosed-recipients:;") is nobody; the judge sorts by the name of the group.
    (r"(UID )?SORT .*\((DISPLAY)?TO\).*", None),
    # Nobody's display name, and a tie: by UID as RFC 5256 has it.
    (r"(UID )?SORT .*\(DISPLAYFROM\).*", None),
]


def allowed(what, name):
    return any(re.fullmatch(pattern, what) and (names is None or name in names) for pattern, names in DEVIATIONS)


def dated(date):
    return b"From: bob@far.test\r\nSubject: zones\r\nDate: %s\r\n\r\ntext\r\n" % date.encode()


# Days that are others in UTC.
ZONES = [("west.eml", dated("Tue, 10 Feb 2026 23:30:00 -0500")), ("east.eml", dated("Tue, 10 Feb 2026 00:30:00 +0900")),
         ("noon.eml", dated("Tue, 10 Feb 2026 12:00:00 +0000"))]


def corpus():
    shared = pathlib.Path(os.environ.get("ROOST_SHARED_DIR", "/nonexistent")) / "corpus/mail"
    return [(path.name, crlf(path.read_bytes()))
            for folder in (SOURCE / "samples/mail", shared) for path in sorted(folder.glob("*.eml"))] + ZONES


def correspondence(seed, n=60):
    """Mails that answer each other, as well and as badly as they may: out of order, in rings, with ids and dates missing or
    twice, by subject alone."""
    dice = random.Random(seed)
    ids = [f"<{i}@thread.test>" for i in range(n * 4 // 3)]  # some of them nobody has
    for i in range(n):
        header = [f"From: p{i % 7}@thread.test"]
        if dice.random() < 0.9:
            header.append("Message-ID: " + (dice.choice(ids) if dice.random() < 0.1 else ids[i]))
        if dice.random() < 0.95:
            header.append(f"Date: {dice.randint(1, 4)} Jan 2024 10:00:{dice.choice((0, dice.randint(0, 59))):02} +0000")
        subject = dice.choice(("trip", "Trip", "boat", "boat [x]", "", "lunch", f"alone {i}"))
        header.append("Subject: " + dice.choice(("", "", "Re: ", "RE: fwd: ", "[list] Re: ", "[list] ")) + subject
                      + dice.choice(("", "", "", " (fwd)")))
        if dice.random() < 0.6:
            header.append("References: " + " ".join(dice.choices(ids[:i + 5], k=dice.randint(1, 5))))
        elif dice.random() < 0.5:
            header.append("In-Reply-To: " + dice.choice(ids))
        yield ("\r\n".join(header) + f"\r\n\r\n{i}\r\n").encode()


def broken(n=40):
    """Mails whose words on what they answer are odd in every way."""
    ways = ["References: {0}{1}", "References: {0}\r\n {1}", "References: {0}\r\n\t{1} ", "References: {0}, {1}", "References: {1} {1} {1}",
            "References: {0} {me}", "References: {me}", "References: nobody {1}", "References: <> {1}", "References: {0} <half",
            "References: (a remark) {1}", "In-Reply-To: {1} of yesterday", "In-Reply-To: \"Bob\" of {1}", "In-Reply-To: {0} {1}",
            "References:", "References: \r\nIn-Reply-To: {1}", "References: <no at> {1}", "References: <\"quoted\"@thread.test> {1}",
            "X: y", "REFERENCES: {1}"]
    for i in range(n):
        first, second, me = (f"<{k}@thread.test>" for k in (max(i - 2, 0), i * 7 % n, i))
        yield (f"From: a@thread.test\r\nMessage-ID: {me}\r\nDate: 1 Jan 2024 10:{i:02}:00 +0000\r\nSubject: s{i}\r\n"
               + ways[i % len(ways)].format(first, second, me=me) + f"\r\n\r\n{i}\r\n").encode()


def nested():
    """A multipart in a message in a multipart in a message, with parts that are encoded; and one that is only such a message."""
    inner = (b"From: c@far.test\r\nX: x\r\nSubject: inmost\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=c\r\n\r\n"
             b"--c\r\n\r\nplain\r\n--c\r\nContent-Type: text/html; charset=utf-8\r\n"
             b"Content-Transfer-Encoding: quoted-printable\r\n\r\n<b>h=C3=BC</b>\r\n"
             b"--c--\r\n")
    middle = (b"From: b@far.test\r\nX: x\r\nSubject: middle\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
              b"--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\naGVsbG8NCndvcmxkDQo=\r\n"
              b"--b\r\nContent-Type: message/rfc822\r\n\r\n" + inner + b"\r\n--b--\r\n")
    outer = (b"From: a@far.test\r\nX-Twice: 1\r\nTo: ann@example.test\r\nx-twice: 2\r\nX-Folded: a\r\n b\r\nSubject: outer\r\nMIME-Version: 1.0\r\n"
             b"Content-Type: multipart/mixed; boundary=a\r\n\r\nbefore\r\n--a\r\n\r\ntext\r\n"
             b"--a\r\nContent-Type: message/rfc822\r\n\r\n" + middle + b"\r\n--a--\r\nbehind\r\n")
    return [("outer.eml", outer), ("middle.eml", middle)]


def fold(value):
    """Case does not count in the words of a body structure; where a string was empty or absent does."""
    if isinstance(value, list):
        return [fold(v) for v in value]
    return value.lower() if isinstance(value, bytes) else value


def strip_trace(octets):
    head, blank, body = octets.partition(b"\r\n\r\n")
    return TRACE.sub(b"", head + b"\r\n") + b"\r\n" + body


def normal(item, value):
    """What both may say in two ways, in one."""
    if item in (b"BODY", b"BODYSTRUCTURE"):
        return fold(value)
    if item == b"INTERNALDATE":  # RFC 9051: date-day-fixed is a blank and a digit, or two digits
        return value.lstrip(b" 0")
    if item in (b"BODY[]", b"BODY[1.MIME]") or item.startswith(b"BODY[HEADER"):
        return strip_trace(value or b"")
    if item.startswith((b"BODY[", b"BINARY[")):  # a part that is not there is NIL or empty
        return value or b""
    return value


def both(judge, ours, command, *literals):
    return judge.do(command, *literals), ours.do(command, *literals)


def compare_fetch(judge, ours, names, items, where):
    """Item to the names of the mails in which it differs."""
    theirs, mine = (fetched(r) for r in both(judge, ours, f"FETCH 1:* ({items})"))
    wrong = {}
    for n, name in enumerate(names, 1):
        for item in theirs.get(n, {}):
            if item == b"FLAGS":
                continue
            want, have = normal(item, theirs[n][item]), normal(item, mine.get(n, {}).get(item, b"(absent)"))
            if want != have and not allowed(item.decode(), name):
                wrong.setdefault(item.decode(), []).append(name)
                sys.stderr.write(f"{where} {name} {item.decode()}\n  judge: {want!r:.3000}\n  roost: {have!r:.3000}\n")
    return wrong


def check_fetch(judge, ours, names, items, where):
    wrong = compare_fetch(judge, ours, names, items, where)
    label = items if len(items) < 80 else items[:77] + "..."
    check(f"{where}: {label} are equal" + (f" but {wrong}" if wrong else ""), not wrong)


def say(client, command):
    """Words beyond ASCII go as literals."""
    words = [w for w in command.split(" ") if not w.isascii()]
    text = " ".join("%s" if not w.isascii() else w for w in command.split(" "))
    return client.do(text, *(w.encode() for w in words))


def answer_of(responses):
    """SEARCH, SORT, THREAD, ESEARCH without their tag."""
    rows = [parse(r)[1:] for r in responses if re.match(rb"\* (E?SEARCH|SORT|THREAD)", r)]
    rows = [[x for x in row if not (isinstance(x, list) and x[:1] == [b"TAG"])] for row in rows]
    return [sorted(map(repr, row)) if row[0] == b"ESEARCH" else row for row in rows]  # its parts have no order


def check_command(judge, ours, command, where):
    want, have = (answer_of(say(client, command)) for client in (judge, ours))
    if want != have and allowed(command, None):
        return
    if want != have:
        sys.stderr.write(f"{where} {command}\n  judge: {want}\n  roost: {have}\n")
    check(f"{where}: {re.sub('[0-9,]{40,}', 'of some', command)} is equal", want == have)


def roostd_says():
    """What it finds wrong with the configuration."""
    done = subprocess.run([roostd.BIN / "roostctl", "-c", "roost.conf", "account", "list"], stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL)
    return done.stderr


def main():
    judge_server = dovecot.Dovecot("judge")
    server = Server()
    with open("roost.conf", "a") as conf:
        conf.write(f"[imap]\nlisten = {ROOST_IMAP}:0\nplain_login = on\n")
    if b"unknown section" in roostd_says():
        print("skip imap this roostd has no IMAP")
        return
    judge_server.start()
    try:
        compare(judge_server, server)
    finally:
        judge_server.stop()
        if server.process:
            check("the server ends in order", server.stop() == 0)


def compare(judge_server, server):
    server.start()
    add_account(ANN)
    mails = corpus()
    names = [name for name, _ in mails]
    theirs, mine = Lmtp(server, at=(dovecot.LMTP, judge_server.lmtp)), Lmtp(server)
    for _, octets in mails:
        for session in theirs, mine:
            answers = session.deliver([ANN], octets)
            assert answers and answers[0].startswith("250"), answers
    judge, ours = Imap(dovecot.IMAP, judge_server.imap), Imap(ROOST_IMAP, server.listening()[ROOST_IMAP])
    both(judge, ours, f"LOGIN {ANN} secret")
    both(judge, ours, "SELECT INBOX")
    for items in ["ENVELOPE", "BODYSTRUCTURE", "BODY", "BODY.PEEK[]", "BODY.PEEK[HEADER]", *SECTIONS]:
        check_fetch(judge, ours, names, items, "by LMTP")
    both(judge, ours, "CREATE corpus")
    for name, octets in mails:
        both(judge, ours, 'APPEND corpus (\\Seen) "01-Jan-2024 10:00:00 +0000" %s', octets)
    both(judge, ours, "SELECT corpus")
    for items in ["RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[]", "ENVELOPE"]:
        check_fetch(judge, ours, names, items, "by APPEND")
    for command in ["STORE 1:5 -FLAGS (\\Seen)", "STORE 3:9 +FLAGS (\\Flagged)", "STORE 8 +FLAGS (\\Deleted $Forwarded)"]:
        both(judge, ours, command)
    for search in SEARCHES:
        check_command(judge, ours, "SEARCH " + search, "corpus")
        if not search.startswith("RETURN"):
            check_command(judge, ours, "UID SEARCH " + search, "corpus")
    if b"SORT" in b"".join(ours.do("CAPABILITY")):
        for keys in SORTS:
            check_command(judge, ours, f"SORT {keys} UTF-8 ALL", "corpus")
            check_command(judge, ours, f"UID SORT RETURN (ALL COUNT) {keys} UTF-8 UNDELETED", "corpus")
    # Octets beyond ASCII in a subject: as with SORT.
    plain = ",".join(str(n) for n, (_, octets) in enumerate(mails, 1) if octets.partition(b"\r\n\r\n")[0].isascii())
    for algorithm in THREADS:
        check_command(judge, ours, f"THREAD {algorithm} UTF-8 {plain}", "corpus")
        check_command(judge, ours, f"UID THREAD {algorithm} UTF-8 {plain} NOT DELETED", "corpus")
    for seed in [*range(THREAD_SEEDS), "-broken"]:
        both(judge, ours, f"CREATE threads{seed}")
        for octets in broken() if seed == "-broken" else correspondence(seed):
            both(judge, ours, f'APPEND threads{seed} "01-Jan-2024 10:00:00 +0000" %s', octets)
        both(judge, ours, f"SELECT threads{seed}")
        for algorithm in THREADS:
            check_command(judge, ours, f"THREAD {algorithm} UTF-8 ALL", f"threads{seed}")
        for keys in TIES if seed in (0, 1, "-broken") else ():
            check_command(judge, ours, f"SORT {keys} UTF-8 ALL", f"threads{seed}")
    both(judge, ours, "CREATE nested")
    for _, octets in nested():
        both(judge, ours, "APPEND nested %s", octets)
    both(judge, ours, "SELECT nested")
    for item in DEEP_SECTIONS:
        wrong = compare_fetch(judge, ours, [name for name, _ in nested()], item, "nested")
        if wrong:
            check(f"nested: {item} is equal but {wrong}", False)
    check(f"nested: {len(DEEP_SECTIONS)} items of messages in messages are asked", True)


main()
