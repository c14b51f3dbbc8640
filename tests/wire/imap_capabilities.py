#!/usr/bin/env python3
"""A test of each capability that is offered, and none without one: what it says can be done is done once."""
import os
import re
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from front import make_certificate
from imap_raw import Imap
from roostd import Server, add_account, check

ANN = "ann@example.test"
MAILS = [b"From: zoe@far.test\r\nSubject: b\r\nMessage-ID: <1@far.test>\r\n\r\none\r\n",
         b"From: Adam <x@far.test>\r\nSubject: a\r\nMessage-ID: <2@far.test>\r\nReferences: <1@far.test>\r\n\r\ntwo\r\n",
         b"From: mia@far.test\r\nSubject: c\r\nContent-Transfer-Encoding: base64\r\n\r\ndGhyZWU=\r\n"]
SCRAM = "AUTHENTICATE SCRAM-SHA-256 " + "biwsbj1hbm5AZXhhbXBsZS50ZXN0LHI9bm9uY2U="  # n,,n=ann@example.test,r=nonce

# What is said where a new mailbox "box" of three mails is selected, and the last lines of the answer but for its tag.
AFTER = {
    "IMAP4rev1": [("SEARCH ALL", r"\* SEARCH 1 2 3", "OK .*"), ("CHECK", "OK .*")],
    "IMAP4rev2": [("ENABLE IMAP4rev2", r"\* ENABLED IMAP4rev2", "OK .*"), ("SEARCH ALL", r"\* ESEARCH \(TAG .*\) ALL 1:3", "OK .*")],
    "ENABLE": [("ENABLE CONDSTORE X-NONE", r"\* ENABLED CONDSTORE", "OK .*")],
    "ID": [('ID ("name" "x")', r'\* ID \("name" "roost"\)|\* ID .*', "OK .*")],
    "SASL-IR": [],
    "LITERAL+": [(b"STATUS {6+}\r\nDrafts (UIDNEXT)", r"\* STATUS Drafts \(UIDNEXT \d+\)", "OK .*")],
    "IDLE": [],
    "NAMESPACE": [("NAMESPACE", r'\* NAMESPACE \(\("" "/"\)\) NIL NIL', "OK .*")],
    "CHILDREN": [("CREATE box/child", "OK .*"), ('LIST "" box', r'\* LIST \(\\HasChildren\) "/" box', "OK .*")],
    "UNSELECT": [("STORE 1 +FLAGS.SILENT (\\Deleted)", "OK .*"), ("UNSELECT", "OK .*"), ("STATUS box (MESSAGES)", r".* 3\)", "OK .*")],
    "UIDPLUS": [("STORE 1:2 +FLAGS.SILENT (\\Deleted)", "OK .*"), ("UID EXPUNGE 2:3", r"\* 2 EXPUNGE", "OK .*"),
                ("UID COPY 3 Drafts", r"OK \[COPYUID \d+ 3 \d+\] .*"),
                (b"APPEND box {0+}\r\n", r"BAD .*|NO .*|OK .*"), (b"APPEND box {4+}\r\n\r\n\r\n", r"\* .*", r"OK \[APPENDUID \d+ \d\] .*")],
    "MOVE": [("MOVE 2 Drafts", r"\* OK \[COPYUID \d+ 2 \d+\] .*", r"\* 2 EXPUNGE", "OK .*")],
    "CONDSTORE": [("FETCH 1 (MODSEQ)", r"\* 1 FETCH \(UID 1 MODSEQ \(\d+\)\)", "OK .*"),
                  ("STORE 1 (UNCHANGEDSINCE 1) +FLAGS (\\Seen)", r"OK \[MODIFIED 1\] .*"),
                  ("STATUS box (HIGHESTMODSEQ)", r"\* STATUS box \(HIGHESTMODSEQ \d+\)", "OK .*")],
    "QRESYNC": [("ENABLE QRESYNC", r"\* ENABLED QRESYNC", "OK .*"), ("STORE 2 +FLAGS.SILENT (\\Deleted)", r"\* 2 FETCH .*", "OK .*"),
                ("EXPUNGE", r"\* VANISHED 2", r"OK \[HIGHESTMODSEQ \d+\] .*|OK .*"),
                ("UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)", r"\* VANISHED \(EARLIER\) 2", r"\* 1 FETCH .*", r"\* 2 FETCH .*",
                 "OK .*")],
    "ESEARCH": [("SEARCH RETURN (MIN MAX COUNT) ALL", r"\* ESEARCH \(TAG .*\) MIN 1 MAX 3 COUNT 3", "OK .*")],
    "SORT": [("SORT (SUBJECT) UTF-8 ALL", r"\* SORT 2 1 3", "OK .*")],
    "SORT=DISPLAY": [("SORT (DISPLAYFROM) UTF-8 ALL", r"\* SORT 2 3 1", "OK .*")],
    "ESORT": [("SORT RETURN (COUNT MIN ALL) (SUBJECT) UTF-8 ALL", r"\* ESEARCH \(TAG .*\) (?=.*COUNT 3)(?=.*MIN 2)(?=.*ALL 2,1,3).*", "OK .*")],
    "THREAD=ORDEREDSUBJECT": [("THREAD ORDEREDSUBJECT UTF-8 ALL", r"\* THREAD \(1\)\(2\)\(3\)", "OK .*")],
    "THREAD=REFERENCES": [("THREAD REFERENCES UTF-8 ALL", r"\* THREAD \(1 2\)\(3\)", "OK .*")],
    "SEARCHRES": [("SEARCH RETURN (SAVE) SUBJECT c", "OK .*"), ("FETCH $ (FLAGS)", r"\* 3 FETCH .*", "OK .*")],
    "WITHIN": [("SEARCH YOUNGER 100000", r"\* SEARCH 1 2 3", "OK .*"), ("SEARCH OLDER 100000", r"\* SEARCH", "OK .*")],
    "LIST-EXTENDED": [('LIST (SUBSCRIBED) "" (box "none") RETURN (CHILDREN)', r'\* LIST \(\\Subscribed \\HasNoChildren\) "/" box', "OK .*")],
    "LIST-STATUS": [('LIST "" box RETURN (STATUS (MESSAGES UIDNEXT))', r"\* LIST .*", r"\* STATUS box \(MESSAGES 3 UIDNEXT 4\)", "OK .*")],
    "SPECIAL-USE": [('LIST (SPECIAL-USE) "" Dr%', r'\* LIST \(\\HasNoChildren \\Drafts\) "/" Drafts', "OK .*")],
    "CREATE-SPECIAL-USE": [("CREATE box/old (USE (\\Archive))", "OK .*"), ('LIST "" box/old', r"\* LIST \(.*\\Archive\) .*", "OK .*")],
    "STATUS=SIZE": [("STATUS box (SIZE)", rf"\* STATUS box \(SIZE {sum(map(len, MAILS))}\)", "OK .*")],
    "SAVEDATE": [("FETCH 1 (SAVEDATE)", r'\* 1 FETCH \(UID 1 SAVEDATE "\d\d-.*"\)|\* 1 FETCH \(UID 1 SAVEDATE " \d-.*"\)', "OK .*")],
    "QUOTA": [("GETQUOTAROOT box", r'\* QUOTAROOT box ""', r'\* QUOTA "" .*', "OK .*")],
    "QUOTA=RES-STORAGE": [('GETQUOTA ""', r'\* QUOTA "" \(STORAGE \d+ 1024 .*', "OK .*")],
    "QUOTA=RES-MESSAGE": [('GETQUOTA ""', r'\* QUOTA "" \(.* MESSAGE \d+ 1000\)', "OK .*")],
    "MULTIAPPEND": [(b"APPEND box {4+}\r\n\r\na\n {4+}\r\n\r\nb\n", r"\* 5 EXISTS", r"OK \[APPENDUID \d+ 4:5\] .*")],
    "REPLACE": [(b"REPLACE 2 box {4+}\r\n\r\nb\n", r"\* 2 EXPUNGE", r"\* 3 EXISTS", r"OK \[APPENDUID \d+ 4\] .*|OK .*")],
    "BINARY": [("FETCH 3 (BINARY.PEEK[1] BINARY.SIZE[1])", r"\* 3 FETCH \(UID 3 BINARY\[1\] (\"three\"|~?\{5\}\r\nthree) BINARY.SIZE\[1\] 5\)",
                "OK .*"),
               (b"APPEND box ~{7+}\r\n\r\na\0b\r\n", r"\* 4 EXISTS", r"OK .*|NO \[UNKNOWN-CTE\] .*")],
    "UTF8=ACCEPT": [("ENABLE UTF8=ACCEPT", r"\* ENABLED UTF8=ACCEPT", "OK .*"), ('CREATE "box/ä"', "OK .*"),
                    ('LIST "" box/%', r'\* LIST .* "/" "box/ä"', "OK .*")],
    "PARTIAL": [("UID SEARCH RETURN (PARTIAL -1:-2) ALL", r"\* ESEARCH \(TAG .*\) UID PARTIAL \(-1:-2 2:3\)", "OK .*")],
    "UIDONLY": [("ENABLE UIDONLY", r"\* ENABLED UIDONLY", "OK .*"), ("FETCH 1 (FLAGS)", r"BAD \[UIDREQUIRED\] .*"),
                ("UID FETCH 1 (FLAGS)", r"\* 1 UIDFETCH \(UID 1 FLAGS \(.*\)\)", "OK .*")],
    "UIDBATCHES": [("UIDBATCHES 500", r"\* UIDBATCHES \(TAG .*\) 3:1", "OK .*")],
    "OBJECTID": [("FETCH 1 (EMAILID THREADID)", r"\* 1 FETCH \(UID 1 EMAILID \(M\d+\) THREADID \(T\w+\)\)", "OK .*"),
                 ("STATUS box (MAILBOXID)", r"\* STATUS box \(MAILBOXID \(F\d+\)\)", "OK .*")],
    "PREVIEW": [("FETCH 1 (PREVIEW)", r'\* 1 FETCH \(UID 1 PREVIEW "one"\)', "OK .*")],
    "INPROGRESS": [],  # it takes five seconds of the clock: test_imap_session
    "NOTIFY": [("NOTIFY SET STATUS (mailboxes (box/none Drafts) (MessageNew MessageExpunge))", r"\* STATUS Drafts .*", "OK .*")],
    "COMPRESS=DEFLATE": [("COMPRESS DEFLATE", "OK .*")],
    "APPENDLIMIT=1000000": [("STATUS box (APPENDLIMIT)", r"\* STATUS box \(APPENDLIMIT 1000000\)", "OK .*"),
                            (b"APPEND box {1000001}", r"NO \[TOOBIG\] .*")],
}


def shown(capabilities):
    return set(re.search(r"CAPABILITY ([^\]]*)", capabilities)[1].split())


def fits(lines, patterns):
    return len(lines) >= len(patterns) and all(re.fullmatch(p, line, re.S) for p, line in zip(reversed(patterns), reversed(lines)))


def named(text, name):
    return re.sub(rb"\bbox", name.encode(), text) if isinstance(text, bytes) else re.sub(r"\bbox", name, text)


def says(name, client, script):
    for text, *patterns in script:
        text, patterns = named(text, client.mailbox), [named(p, client.mailbox) for p in patterns]
        lines = client.say(text)
        if not fits(lines, patterns):
            print(name, text, lines, file=sys.stderr)
            return False
    return True


def raw(server):
    return Imap(roostd.IMAP_HOST, server.imap)


def check_early(server):
    client = raw(server)
    offered = shown(client.greeting.decode())
    check("before TLS these are offered", offered == {"IMAP4rev1", "IMAP4rev2", "ENABLE", "ID", "SASL-IR", "LITERAL+", "STARTTLS",
                                                      "LOGINDISABLED"})
    check("STARTTLS begins TLS", client.say("STARTTLS")[-1].startswith("OK"))
    client.starttls()
    offered = shown(client.say("CAPABILITY")[0])
    check("and in TLS logins", {name for name in offered if name.startswith("AUTH=")} == {"AUTH=PLAIN", "AUTH=LOGIN", "AUTH=SCRAM-SHA-256",
                                                                                         "AUTH=SCRAM-SHA-256-PLUS"})
    tag = client.begin(SCRAM)
    challenge = client.line()
    check("SASL-IR: a first response stands in the command", challenge.startswith(b"+ "))
    client.send(b"*\r\n")
    client.until(tag)
    tag = client.begin("AUTHENTICATE LOGIN")
    for octets in b"YW5uQGV4YW1wbGUudGVzdA==", b"d3Jvbmc=":
        client.line()
        client.send(octets + b"\r\n")
    check("AUTH=LOGIN", client.until(tag)[-1].startswith("NO [AUTHENTICATIONFAILED]"))
    check("AUTH=PLAIN", client.say("AUTHENTICATE PLAIN AGFubkBleGFtcGxlLnRlc3QAc2VjcmV0")[-1].startswith("OK"))


def inside(server):
    client = raw(server)
    client.say("STARTTLS")
    client.starttls()
    return client.login(ANN, "secret")


def mailbox(server):
    client = inside(server)
    mailbox.n += 1
    client.mailbox = f"box{mailbox.n}"
    client.say(f"CREATE {client.mailbox}")
    for octets in MAILS:
        client.append(client.mailbox, octets)
    client.say(f"SELECT {client.mailbox}")
    return client


mailbox.n = 0


def check_each(server):
    offered = shown(mailbox(server).say("CAPABILITY")[0])
    check("each that is offered has a test, and no other", offered == set(AFTER))
    if offered != set(AFTER):
        print(offered ^ set(AFTER), file=sys.stderr)
    for name, script in AFTER.items():
        if script:
            check(name, says(name, mailbox(server), script))
    client = mailbox(server)
    tag = client.begin("IDLE")
    idling = client.line()
    inside(server).append(client.mailbox, MAILS[0])
    told = client.line()
    client.send(b"DONE\r\n")
    check("IDLE", (idling[:2], told, client.until(tag)[-1][:2]) == (b"+ ", b"* 4 EXISTS", "OK"))


def check_literal_minus():
    server = Server(imap={"plain_login": "on", "literal_minus": "on"})
    add_account(ANN)
    server.start()
    client = raw(server)
    check("LITERAL- is offered alone", "LITERAL-" in shown(client.greeting.decode()) and b"LITERAL+" not in client.greeting)
    client.login(ANN, "secret")
    check("4096 octets that nobody waits for are taken", client.append("INBOX", b"\r\n" + b"x" * 4094)[-1].startswith("OK"))
    client.send(b"x APPEND INBOX {4097+}\r\n")
    check("and no more", client.closed() and client.buffer.startswith(b"* BYE [TOOBIG]"))
    client = raw(server)
    client.login(ANN, "secret")
    client.send(b"x APPEND INBOX {2+}\r\n\r\n {4097+}\r\n")
    check("nor as the second message", client.closed() and client.buffer.startswith(b"* BYE [TOOBIG]"))
    server.stop()


def main():
    make_certificate("localhost")
    here = os.getcwd()
    server = Server(imap={"max_message": "1000000"}, more=f"[tls]\ncertificate = {here}/localhost.pem\nkey = {here}/localhost.key\n")
    add_account(ANN)
    roostd.ctl("account", "quota", ANN, "1M", "1000")
    server.start()
    for part in check_early, check_each:
        part(server)
    check("the server ends in order", server.stop() == 0)
    os.mkdir("other")
    os.chdir("other")
    check_literal_minus()


main()
