#!/usr/bin/env python3
"""IMAP by TLS as mail programs speak it: offlineimap in both directions and compressed, neomutt, getmail, fetchmail."""
import mailbox
import os
import pathlib
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import (ANN, BOB, CA, HERE, IMAP, IMAPS, NAME, SMTPS, Desk, await_subjects, body_of, deliver, make_maildir, messages,
                  private, run, stranger)
from roostd import add_account, check

# What one answer inflates to is more than a program may have room for at once.
LARGE = b"From: joe@far.test\r\nSubject: large\r\n\r\n" + b"The same line again and again.\r\n" * 6000
MAILS = [b"From: joe@far.test\r\nTo: ann@example.test\r\nSubject: number %d\r\nMessage-ID: <%d@far.test>\r\n\r\n"
         b".A line with a dot\r\nText of %d\r\n" % (i, i, i) for i in (1, 2, 3)] + [LARGE]


def has_all(octets):
    octets = octets.replace(b"\r\n", b"\n")
    return all(body_of(m) in octets for m in MAILS)


def files_of(folder):
    return sorted(p for part in ("cur", "new") for p in (folder / part).glob("*"))


def flags_of(subject):
    return next(m["flags"] for m in messages(ANN) if m["subject"] == subject)


def offlineimap():
    return run("offlineimap", "-o", "-1", "-c", "oirc", "-u", "basic", env={"HOME": str(HERE)})[0]


def check_offlineimap(server):
    near = HERE / "near"
    private(HERE / "oirc", f"""[general]
accounts = a
metadata = {HERE}/metadata
[Account a]
localrepository = l
remoterepository = r
[Repository l]
type = Maildir
localfolders = {near}
[Repository r]
type = IMAP
remotehost = {IMAPS}
remoteport = {server.ports[IMAPS]}
remoteuser = {ANN}
remotepass = secret
auth_mechanisms = PLAIN
ssl = yes
sslcacertfile = {CA}
usecompression = yes
""")
    check("offlineimap pulls, compressed", offlineimap() == 0)
    inbox = near / "INBOX"
    got = files_of(inbox)
    check("what offlineimap pulled is what was delivered",
          len(got) == len(MAILS) and has_all(b"\n".join(p.read_bytes() for p in got)))
    by_subject = {p.read_bytes().split(b"Subject: ")[1].split(b"\n")[0].strip(): p for p in got}
    flagged, gone = by_subject[b"number 1"], by_subject[b"number 2"]
    flagged.rename(inbox / "cur" / (flagged.name.split(":")[0] + ":2,FS"))
    gone.unlink()
    (inbox / "cur" / "1.here:2,S").write_bytes(b"From: ann@example.test\nSubject: made near\n\n"
                                               + b"here and here again\n" * 5000)
    check("offlineimap pushes a flag, a deletion and a large mail, compressed", offlineimap() == 0)
    there = {m["subject"]: m["flags"] for m in messages(ANN)}
    check("all of it is there", there.keys() == {"number 1", "number 3", "large", "made near"}
          and all(flag in there["number 1"] for flag in ("seen", "flagged")) and "seen" in there["made near"])
    names = {p: p.stat().st_mtime_ns for p in files_of(inbox)}
    check("offlineimap has nothing to do after that",
          offlineimap() == 0 and names == {p: p.stat().st_mtime_ns for p in files_of(inbox)})
    deliver(server, [MAILS[1]])


def neomutt(*words, given=b""):
    return run("neomutt", "-n", "-F", "neomuttrc", *words, given=given, env={"TERM": "xterm", "HOME": str(HERE)})[0]


def neomutt_batch(keys):
    """Opens the Inbox and types; it wants a terminal for that."""
    words = f"neomutt -n -F neomuttrc -f imaps://{IMAPS}:{port}/INBOX -e 'push \"{keys}<quit>\"'"
    return run("script", "-qefc", words, "/dev/null", env={"TERM": "xterm", "HOME": str(HERE)})[0]


def check_neomutt(server):
    global port
    port = server.ports[IMAPS]
    private(HERE / "neomuttrc", f"""set imap_user = {ANN}
set imap_pass = secret
set imap_authenticators = "plain"
set from = {ANN}
set use_envelope_from = yes
set smtp_url = "smtps://{ANN}@{SMTPS}:{server.ports[SMTPS]}/"
set smtp_pass = secret
set smtp_authenticators = "plain"
set certificate_file = {CA}
set ssl_verify_host = no
set imap_qresync = yes
set imap_condstore = yes
set imap_idle = yes
set header_cache = {HERE}/cache
set folder = imaps://{IMAPS}:{port}/
set record = ""
set sendmail_wait = 0
set confirmappend = no
set confirmcreate = no
set delete = yes
set quit = yes
set wait_key = no
""")
    out = HERE / "copied.mbox"
    check("neomutt reads and copies all", neomutt_batch(f"<tag-pattern>~A<enter><tag-prefix><copy-message>{out}<enter>") == 0)
    copied = mailbox.mbox(out)
    check("what neomutt copied is what is there", has_all(b"\n".join(m.as_bytes() for m in copied)))
    check("neomutt flags", neomutt_batch("<limit>~s number<enter><tag-pattern>~s 3<enter><tag-prefix><flag-message>") == 0)
    check("the flag is there", "flagged" in flags_of("number 3"))
    check("neomutt moves", neomutt_batch("<tag-pattern>~s near<enter><tag-prefix><save-message>=Drafts<enter>") == 0)
    check("the mail has moved", "made near" not in [m["subject"] for m in messages(ANN)]
          and "made near" in [m["subject"] for m in messages(ANN, "--folder", "Drafts")])
    check("neomutt sends", neomutt("-s", "by neomutt", BOB, given=b"Hello\n") == 0)
    check("what neomutt sent arrives", await_subjects(BOB, "by neomutt"))


def check_fetchers(server):
    user, box = stranger(), HERE / "getmail"
    make_maildir(box, user)
    (box / "rc").write_text(
        f"[retriever]\ntype = SimpleIMAPSSLRetriever\nserver = {IMAPS}\nport = {server.ports[IMAPS]}\n"
        f"username = {ANN}\npassword = secret\nca_certs = {CA}\nmailboxes = (\"INBOX\",)\n"
        f"[destination]\ntype = Maildir\npath = {box}/Maildir/\n[options]\nread_all = true\ndelete = false\n")
    status, _ = run("getmail", f"--getmaildir={box}", "--rcfile=rc", env={"HOME": str(box)}, user=user)
    got = [p.read_bytes() for p in (box / "Maildir/new").iterdir()]
    check("getmail fetches by IMAP", status == 0 and len(got) == len(messages(ANN)) and has_all(b"\n".join(got)))

    out = HERE / "fetchmail.mbox"
    rc = private(HERE / "fetchmailrc",
                 f'poll localhost via {IMAP} protocol imap service {server.ports[IMAP]} user "{ANN}" password "secret" '
                 f'sslproto "tls1.2+" sslcertck sslcertfile "{CA}" sslcommonname "{NAME}" nokeep fetchall '
                 f'mda "cat >>{out}"\n')
    status, _ = run("fetchmail", "-f", rc, "--nosyslog", "-N", "-d0", "--idfile", HERE / "ids", "--pidfile", HERE / "pid",
                    env={"HOME": str(HERE)})
    check("fetchmail fetches by STARTTLS", status == 0 and has_all(out.read_bytes()))
    check("and takes it away", messages(ANN) == [])


def main():
    server = Desk()
    add_account(ANN)
    add_account(BOB)
    server.start()
    deliver(server, MAILS)
    check_offlineimap(server)
    check_neomutt(server)
    check_fetchers(server)
    check("the server ends in order", server.stop() == 0)


main()
