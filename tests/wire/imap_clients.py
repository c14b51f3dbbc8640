#!/usr/bin/env python3
"""IMAP as clients that others wrote speak it: curl, mbsync in both directions, Python's imaplib with IDLE from two sides."""
import imaplib
import json
import os
import pathlib
import re
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from roostd import Server, add_account, check, crlf

ANN, PASSWORD = "ann@example.test", "secret"
SAMPLES = sorted((pathlib.Path(os.environ["ROOST_SOURCE"]) / "samples/mail").glob("*.eml"))


def shell(*words, given=b""):
    done = subprocess.run(words, input=given, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    sys.stderr.write(f"$ {' '.join(map(str, words))}: {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return done.returncode, done.stdout


def curl(server, path, *words, given=b""):
    return shell("curl", "-sS", "-u", f"{ANN}:{PASSWORD}", *words,
                 f"imap://{roostd.IMAP_HOST}:{server.imap}/{path}", given=given)


def check_curl(server):
    octets = crlf(SAMPLES[0].read_bytes())
    status, _ = curl(server, "Drafts", "-T", str(SAMPLES[0]))
    check("curl appends a message", status == 0)
    status, text = curl(server, "Drafts;UID=1")
    check("curl fetches it back octet by octet", status == 0 and text == octets)
    status, text = curl(server, "Drafts;UID=1;SECTION=HEADER.FIELDS%20(SUBJECT)")
    check("curl fetches a section", status == 0 and text.lower().startswith(b"subject:"))
    status, text = curl(server, "Drafts?ALL")
    check("curl searches", status == 0 and text.strip() == b"* SEARCH 1")
    status, text = curl(server, "", "-X", "LIST \"\" *")
    check("curl lists the mailboxes", status == 0 and b"\\Sent" in text and b"INBOX" in text)
    status, _ = curl(server, "nowhere;UID=1")
    check("curl is told of a mailbox that is not there", status != 0)


def mails_of(folder):
    return sorted(p for part in ("cur", "new") for p in (folder / part).glob("*") if p.is_file())


def mbsync(server):
    pathlib.Path("mbsyncrc").write_text(
        f"IMAPAccount r\nHost {roostd.IMAP_HOST}\nPort {server.imap}\nUser {ANN}\nPass {PASSWORD}\nSSLType None\n"
        "AuthMechs LOGIN\n\nIMAPStore far\nAccount r\n\nMaildirStore near\nPath near/\nInbox near/INBOX\n"
        "SubFolders Verbatim\n\nChannel c\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nRemove Both\nExpunge Both\n"
        "SyncState *\n")
    return shell("mbsync", "-c", "mbsyncrc", "-a")[0]


def imap(server):
    client = imaplib.IMAP4(roostd.IMAP_HOST, server.imap)
    client.login(ANN, PASSWORD)
    return client


def flags_of(client, uid):
    return imaplib.ParseFlags(client.uid("FETCH", str(uid), "(FLAGS)")[1][0])


def check_mbsync(server):
    near = pathlib.Path("near")
    near.mkdir()
    for sample in SAMPLES:
        roostd.ctl("deliver", ANN, given=sample.read_bytes())
    check("mbsync pulls", mbsync(server) == 0)
    inbox = near / "INBOX"
    pulled = [crlf(re.sub(rb"^X-TUID: .*\r?\n", b"", p.read_bytes(), flags=re.M)) for p in mails_of(inbox)]
    check("what mbsync pulled is what was delivered",
          sorted(pulled) == sorted(crlf(s.read_bytes()) for s in SAMPLES))

    first, second, third = mails_of(inbox)[:3]
    first.rename(inbox / "cur" / (first.name.split(":")[0] + ":2,FS"))
    second.rename(inbox / "cur" / (second.name.split(":")[0] + ":2,T"))
    text = b"From: ann@example.test\nSubject: made near\n\nhere\n"
    (inbox / "cur" / "1.here:2,S").write_bytes(text)
    check("mbsync pushes flags, a deletion and a new mail", mbsync(server) == 0)
    client = imap(server)
    client.select("INBOX")
    check("the deletion is there", client.search(None, "ALL")[1][0].split().__len__() == len(SAMPLES))
    check("the flags are there", client.search(None, "FLAGGED", "SEEN")[1][0].split().__len__() == 1)
    found = client.uid("SEARCH", "SUBJECT", '"made near"')[1][0].split()
    check("the new mail is there", len(found) == 1 and b"\\Seen" in flags_of(client, found[0].decode()))

    client.uid("STORE", found[0].decode(), "+FLAGS", "(\\Answered)")
    client.store("1", "+FLAGS", "(\\Deleted)")
    client.expunge()
    client.create("Lists/roost")
    client.uid("COPY", found[0].decode(), "Lists/roost")
    client.logout()
    before = len(mails_of(inbox))
    check("mbsync pulls flags, a deletion and a new mailbox", mbsync(server) == 0)
    check("the deletion came", len(mails_of(inbox)) == before - 1)
    check("the flag came", any(p.name.endswith(":2,RS") for p in mails_of(inbox)))
    check("the mailbox came", len(mails_of(near / "Lists/roost")) == 1)
    names = {p: p.stat().st_mtime_ns for p in near.rglob("*") if p.is_file() and not p.name.startswith(".")}
    check("mbsync has nothing to do after that", mbsync(server) == 0 and names == {
        p: p.stat().st_mtime_ns for p in near.rglob("*") if p.is_file() and not p.name.startswith(".")})


def check_imaplib(server):
    client, other = imap(server), imap(server)
    client.select("INBOX")
    n = int(client.response("EXISTS")[1][-1] or client.select("INBOX")[1][0])
    octets = b"Subject: by imaplib\r\n\r\n" + b"x" * 300_000 + b"\r\n"
    status, said = other.append("INBOX", "(\\Flagged $Forwarded Work)", '"01-Feb-2026 10:00:00 +0100"', octets)
    check("imaplib appends a large message", status == "OK" and b"APPENDUID" in said[0])
    client.noop()
    check("another session hears of it", client.response("EXISTS")[1] == [str(n + 1).encode()])
    _, said = client.fetch(str(n + 1), "(FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])")
    check("flags, date and size are what was said", all(
        word in said[0][0] for word in (b"\\Flagged", b"$Forwarded", b"Work", b'" 1-Feb-2026 09:00:00 +0000"')))
    check("its octets are what was said", said[0][1] == octets)

    client.send(b"x1 IDLE\r\n")
    check("IDLE begins", client.readline().startswith(b"+"))
    roostd.ctl("deliver", ANN, given=b"Subject: while idle\r\n\r\ntext\r\n")
    check("IDLE hears of a delivery by another process", client.readline() == f"* {n + 2} EXISTS\r\n".encode())
    other.select("INBOX")
    other.store(str(n + 2), "+FLAGS", "(\\Seen)")
    check("IDLE hears of a flag", b"FLAGS (\\Seen)" in client.readline())
    other.store(str(n + 1), "+FLAGS", "(\\Deleted)")
    client.readline()
    other.expunge()
    check("IDLE hears of an expunge", client.readline() == f"* {n + 1} EXPUNGE\r\n".encode())
    client.send(b"DONE\r\n")
    check("DONE ends it", client.readline() == b"x1 OK done\r\n")
    other.logout()
    client.logout()


def main():
    server = Server(imap={"plain_login": "on"})
    add_account(ANN)
    server.start()
    check_curl(server)
    check_mbsync(server)
    check_imaplib(server)
    check("the server ends in order", server.stop() == 0)


main()
