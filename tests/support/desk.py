"""roostd as programs on a desk meet it: IMAP, POP3 and submission with a certificate of its own, TLS and STARTTLS."""
import json
import os
import pathlib
import pwd
import subprocess
import sys
import time

from roostd import Lmtp, Server, crlf, ctl

ANN, BOB = "ann@example.test", "bob@example.test"
POP3, POP3S, SMTP, SMTPS, IMAP, IMAPS = (f"127.0.0.{n}" for n in (3, 4, 5, 6, 10, 11))
NAME = "mx.example.test"
HERE = pathlib.Path.cwd()
CA = str(HERE / "ca.pem")
LIMIT_S = 120  # a guard: what has not happened by then has failed


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, stderr=subprocess.DEVNULL)


def make_certificate():
    """An authority's, which Thunderbird wants to be another one than the server's. offlineimap compares the host that it was
    given with names alone, so the addresses are both."""
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    addresses = POP3, POP3S, SMTP, SMTPS, IMAP, IMAPS
    names = [f"DNS:{NAME}", "DNS:localhost"] + [f"DNS:{a}" for a in addresses] + [f"IP:{a}" for a in addresses]
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *key, "-subj", f"/CN={NAME}", "-keyout", "key.pem", "-out", "server.csr")
    pathlib.Path("server.ext").write_text(f"subjectAltName={','.join(names)}\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "server.ext", "-out", "server.pem")


class Desk(Server):
    def __init__(self, more=""):
        make_certificate()
        super().__init__(more=f"[tls]\ncertificate = {HERE}/server.pem\nkey = {HERE}/key.pem\n"
                              f"[pop3]\nlisten = {POP3}:0\nlisten_tls = {POP3S}:0\n"
                              f"[submission]\nlisten = {SMTP}:0\nlisten_tls = {SMTPS}:0\n"
                              f"[imap]\nlisten = {IMAP}:0\nlisten_tls = {IMAPS}:0\n{more}")

    def start(self, *prefix):
        super().start(*prefix)
        self.ports = self.listening()


def run(*words, given=b"", env=None, user=None):
    """Status and what it said."""
    demote = None
    if user and os.geteuid() == 0:
        entry = pwd.getpwnam(user)

        def demote():
            os.setgroups([])
            os.setgid(entry.pw_gid)
            os.setuid(entry.pw_uid)
    done = subprocess.run([str(w) for w in words], input=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=os.environ | (env or {}), preexec_fn=demote, timeout=LIMIT_S)
    sys.stderr.write(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout.decode(errors='replace')}\n")
    return done.returncode, done.stdout


def stranger():
    """Whom programs run as that do nothing for root, and who may write below the folder of the case; None: as we."""
    HERE.chmod(0o711)
    pathlib.Path("ca.pem").chmod(0o644)
    return "nobody" if os.geteuid() == 0 else None


def make_maildir(box, user):
    for folder in box, box / "Maildir", *(box / "Maildir" / d for d in ("cur", "new", "tmp")):
        folder.mkdir()
        if user:
            entry = pwd.getpwnam(user)
            os.chown(folder, entry.pw_uid, entry.pw_gid)


def private(path, text):
    path.touch(0o600)
    path.write_text(text)
    return path


def deliver(server, mails):
    session = Lmtp(server)
    for mail in mails:
        answers = session.deliver([ANN], mail)
        assert all(a.startswith("250") for a in answers), answers


def messages(address, *words):
    return json.loads(ctl("message", "list", address, *words, "--json"))


def body_of(octets):
    return octets.replace(b"\r\n", b"\n").split(b"\n\n", 1)[1]


def until(holds):
    """Asks until it holds; False where that takes too long."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        if holds():
            return True
    return False


def await_subjects(address, *subjects):
    """Sent mail comes when the queue has delivered it."""
    return until(lambda: {*subjects} <= {m["subject"] for m in messages(address)})
