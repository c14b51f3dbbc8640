#!/usr/bin/python3
"""Mail from a phone through roostd to Debian's aiosmtpd: STARTTLS, login, the queue at the CLI; and kill -9 at every step."""
import http.client
import base64
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/crash")
from instance import PASSWORD, Failure, Site  # pylint: disable=wrong-import-position

ANN, BOB, CAROL = "ann@example.test", "bob@example.test", "carol@elsewhere.test"
PATIENCE_S = 60
STEPS = ["send.queue.before", "send.queue.after", "send.settle.before", "send.settle.after", "outbound.deliver.before",
         "outbound.deliver.after", "outbound.relay.before", "outbound.relay.after", "outbound.result.before",
         "outbound.result.after"]
# Killed between the smarthost's answer to the last dot and our note of it (RFC 1047).
MAY_GO_TWICE = ["outbound.relay.after", "outbound.result.before"]
moment = threading.Event()  # never set: waiting for it lets a moment pass


def tell(ok, sentence):
    print(f"{'ok' if ok else 'not ok'} {sentence}", flush=True)


class Smarthost:
    """Keeps what it takes."""

    def __init__(self, port=0, **options):
        self.taken, self.logins = [], []
        self.controller = Controller(self, hostname="127.0.0.1", port=port, server_hostname="localhost", **options)
        # aiosmtpd knocks at its own port when it starts, which must be one that is known.
        self.controller.start()
        self.port = self.controller.server.sockets[0].getsockname()[1]

    async def handle_DATA(self, server, session, envelope):  # pylint: disable=invalid-name
        self.taken.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 2.6.0 taken"

    def login(self, server, session, envelope, mechanism, data):
        self.logins.append((data.login, session.ssl is not None))
        good = isinstance(data, LoginPassword) and data.password == b"smarthost's"
        return AuthResult(success=good, handled=False if good else True)

    def subjects(self):
        return [line[9:] for _, text in self.taken for line in text.splitlines() if line.startswith("Subject: ")]

    def stop(self):
        self.controller.stop()


def free_port():
    import socket  # pylint: disable=import-outside-toplevel
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def send(site, name, to):
    """SendMail of 16.1 with SaveInSentItems, by hand; the answer's body, or None where the server went away."""
    mime = f"To: {', '.join(to)}\r\nBcc: hidden@elsewhere.test\r\nSubject: {name}\r\n\r\nhello\r\n".encode()
    body = b"\x03\x01\x6a\x00\x00\x15\x45\x08\x51\x03" + name.encode() + b"\x00\x01\x50\xc3"
    body += bytes([0x80 | len(mime) >> 7, len(mime) & 0x7f]) + mime + b"\x01\x01"
    login = base64.b64encode(f"{ANN}:{PASSWORD}".encode()).decode()
    try:
        c = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_S)
        c.request("POST", "/Microsoft-Server-ActiveSync?Cmd=SendMail&User=ann&DeviceId=D1&DeviceType=T", body,
                  {"Authorization": f"Basic {login}", "MS-ASProtocolVersion": "16.1",
                   "Content-Type": "application/vnd.ms-sync.wbxml"})
        answer = c.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise Failure(f"{name}: HTTP {answer.status}")
        return text
    except (ConnectionError, http.client.HTTPException, TimeoutError):
        return None


def queue(site):
    return json.loads(site.must_ctl("queue", "list", "--json"))


def await_queue(site, wanted):
    for _ in range(PATIENCE_S * 10):
        if wanted(queue(site)):
            return True
        moment.wait(0.1)
    print(site.must_ctl("queue", "list").decode(), file=sys.stderr)
    return False


def count(site, address, folder, subject):
    return sum(m["subject"] == subject for m in site.messages(address, folder))


def kills(site, smarthost):
    """True where the build has fault points."""
    for step in STEPS:
        if not site.start(fault=step):
            raise Failure("roostd does not start")
        send(site, step, [BOB, CAROL])
        if site.died(PATIENCE_S if step == STEPS[0] else 20) is None:
            site.stop()
            if step == STEPS[0]:
                return False
            tell(False, f"a send passes {step}")
            continue
        if not site.start():
            raise Failure("roostd does not start after a kill")
        answers = [send(site, step, [BOB, CAROL]) for _ in range(2)]
        done = await_queue(site, lambda entries: not entries)
        arrived = smarthost.subjects().count(step) // 1
        allowed = (1, 2) if step in MAY_GO_TWICE else (1,)
        good = (done and answers[1] not in (None, b"") and arrived in allowed
                and count(site, BOB, "Inbox", step) == 1 and count(site, ANN, "Sent Items", step) == 1)
        if not good:
            print(step, done, answers, arrived, count(site, BOB, "Inbox", step), count(site, ANN, "Sent Items", step),
                  file=sys.stderr)
        tell(good, f"killed at {step}, the mail goes out "
                   f"{'once, or twice as RFC 1047 has it' if step in MAY_GO_TWICE else 'once'}, with one copy in Sent Items")
        site.stop()
    return True


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                    "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                    folder / "key.pem", "-out", folder / "cert.pem"], check=True, stderr=subprocess.DEVNULL)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def secure(folder):
    folder.mkdir()
    (folder / "smtp-password").write_text("smarthost's\n")
    smarthost = Smarthost(free_port(), tls_context=certificate(folder), require_starttls=True, auth_required=True,
                          authenticator=lambda *a: smarthost.login(*a), decode_data=False)
    options = {"outbound": [f"smarthost = localhost:{smarthost.port}", "user = relay", f"ca_file = {folder}/cert.pem",
                            f"password_file = {folder}/smtp-password"]}
    site = Site(folder / "site", os.environ["ROOST_BIN"], options)
    site.add_account(ANN)
    site.start()
    send(site, "secret", [CAROL])
    tell(await_queue(site, lambda entries: not entries) and smarthost.subjects() == ["secret"]
         and smarthost.logins == [(b"relay", True)] or bool(print(smarthost.logins, smarthost.taken, file=sys.stderr)),
         "a smarthost with STARTTLS and a login gets the mail, and the password over TLS alone")
    tell(bool(smarthost.taken) and "Bcc" not in smarthost.taken[0][1]
         and smarthost.taken[0][0] == [CAROL, "hidden@elsewhere.test"], "who is in Bcc gets it, and nobody reads of him")
    site.stop()
    # A certificate that nobody vouches for.
    site.conf.write_text(site.conf.read_text().replace(f"ca_file = {folder}/cert.pem\n", ""))
    site.start()
    send(site, "kept", [CAROL])
    tell(await_queue(site, lambda entries: entries and entries[0]["attempts"] == 1) and "kept" not in smarthost.subjects(),
         "a smarthost whose certificate is not trusted gets nothing, and the mail waits")
    return site, smarthost, folder


def queue_commands(site, smarthost, folder):
    number = str(queue(site)[0]["id"])
    shown = json.loads(site.must_ctl("queue", "show", number, "--json"))
    tell(len(shown) == 2 and shown[0]["state"] == "open" and shown[0]["status"] == "4.4.1", "queue show tells why it waits")
    site.stop()
    site.conf.write_text(site.conf.read_text().replace("user = relay\n", f"user = relay\nca_file = {folder}/cert.pem\n"))
    site.must_ctl("queue", "retry", number)
    site.start()
    tell(await_queue(site, lambda entries: not entries) and "kept" in smarthost.subjects(),
         "queue retry without roostd makes it due at the next start")
    smarthost.stop()
    send(site, "dropped", [CAROL])
    await_queue(site, lambda entries: entries and entries[0]["attempts"] == 1)
    number = str(queue(site)[0]["id"])
    tell(site.ctl("queue", "drop", number).returncode == 2, "queue drop wants --yes")
    site.must_ctl("queue", "drop", number, "--yes")
    tell(await_queue(site, lambda entries: not entries) and not site.messages(ANN, "Inbox"),
         "queue drop beside a running roostd gives a mail up without a word")
    tell(site.ctl("queue", "retry", "999").returncode == 1, "a number that is not there is said to be none")
    site.stop()


def phones(folder, version):
    """ann writes to bob, whose phone is pushed the mail, replies and forwards it: roost-phone on both sides."""
    folder.mkdir()
    (folder / "mail").write_text(f"To: {BOB}\nSubject: lunch\n\nAt one?\n")
    (folder / "reply").write_text(f"To: {ANN}\nSubject: Re: lunch\n\nYes.\n")
    site = Site(folder / "site", os.environ["ROOST_BIN"])
    for address in (ANN, BOB):
        site.add_account(address)
    site.start()

    def phone(address, *words):
        store = folder / address.split("@")[0]
        done = subprocess.run([*site.phone_words(address, store, version), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              check=False, text=True)
        if done.returncode:
            print(words, done.stdout, done.stderr, file=sys.stderr)
        return done.stdout

    for address in (ANN, BOB):
        phone(address, "provision")
        phone(address, "folders")
    sent = phone(ANN, "send", str(folder / "mail"))
    await_queue(site, lambda entries: not entries)
    phone(BOB, "sync")
    number = phone(BOB, "list").split()[0]
    replied = phone(BOB, "reply", number, str(folder / "reply"))
    forwarded = phone(BOB, "forward", number, str(folder / "reply"))
    await_queue(site, lambda entries: not entries)
    inbox = site.messages(ANN, "Inbox")
    text = site.must_ctl("message", "show", ANN, str(inbox[0]["id"])).decode() if inbox else ""
    tell((sent, replied, forwarded) == ("sent\n",) * 3 and len(inbox) == 2 and "At one?" in text and "Yes." in text
         or bool(print(sent, replied, forwarded, inbox, text, file=sys.stderr)),
         f"a phone sends in {version}, another replies and forwards, and the first has both with the original in them")
    site.stop()


def main():
    here = pathlib.Path.cwd()
    smarthost = Smarthost(free_port())
    site = Site(here / "kills", os.environ["ROOST_BIN"],
                {"outbound": [f"smarthost = 127.0.0.1:{smarthost.port}", "tls = off"]})
    for address in (ANN, BOB):
        site.add_account(address)
    if not kills(site, smarthost):
        print("skip kills roostd has no fault points in this build")
    smarthost.stop()
    queue_commands(*secure(here / "secure"))
    for version in ("12.1", "16.1"):
        phones(here / f"phones-{version}", version)


assert SMTP  # the Debian package is there
main()
