#!/usr/bin/env python3
"""Mail in by LMTP, from swaks and from Python's client, over TCP and a Unix socket; what a phone has of it then."""
import json
import os
import pathlib
import smtplib
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from roostd import Lmtp, Phone, Server, add_account, check, crlf

SAMPLES = sorted((pathlib.Path(os.environ["ROOST_SOURCE"]) / "samples/mail").glob("*.eml"))
ANN, BOB = "ann@example.test", "bob@example.test"


def swaks(*words):
    done = subprocess.run(["swaks", "--protocol", "LMTP", "--helo", "wire.test", "--from", "joe@far.test", *words],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.stderr.write(done.stdout.decode(errors="replace"))
    return done.returncode, done.stdout.decode(errors="replace")


def inbox_n(address):
    return len(json.loads(roostd.ctl("message", "list", address, "--json")))


def check_swaks(server):
    tcp = ["--server", f"{roostd.LMTP_HOST}:{server.lmtp}"]
    unix = ["--socket", server.lmtp_socket]
    status, said = swaks(*tcp, "--to", ANN)
    check("swaks delivers over TCP", status == 0 and inbox_n(ANN) == 1)
    check("all extensions are offered", all(f"250-{name}" in said for name in (
        "PIPELINING", "8BITMIME", "SMTPUTF8", "CHUNKING", "ENHANCEDSTATUSCODES")) and "250 SIZE " in said)
    status, _ = swaks(*unix, "--to", ANN)
    check("swaks delivers over a Unix socket", status == 0 and inbox_n(ANN) == 2)
    status, said = swaks(*tcp, "--to", f"{ANN},nobody@example.test,{BOB}")
    check("each recipient that is there gets it, and an answer",
          said.count("250 2.0.0 delivered") == 2 and said.count("550 5.1.1") == 1 and inbox_n(ANN) == 3
          and inbox_n(BOB) == 1)
    status, _ = swaks(*unix, "--pipeline", "--to", f"{ANN},{BOB}")
    check("swaks delivers with pipelining", status == 0 and inbox_n(BOB) == 2)
    status, _ = swaks(*tcp, "--to", "ann+news@example.test")
    check("a tag is ignored", status == 0 and inbox_n(ANN) == 5)
    status, _ = swaks(*tcp, "--to", "nobody@example.test")
    check("nobody's mail is refused", status != 0)


def check_smtplib(server):
    text = b"Subject: From Python\r\n\r\n.\r\n..\r\nText\r\n"
    with smtplib.LMTP(roostd.LMTP_HOST, server.lmtp) as client:
        refused = client.sendmail("joe@far.test", [ANN, "nobody@example.test"], text)
        check("smtplib is told who is not there", list(refused) == ["nobody@example.test"])
        client.sendmail("zoë@far.test", ["jörg@example.test"], text, mail_options=["SMTPUTF8", "BODY=8BITMIME"])
        check("smtplib delivers to an address beyond ASCII", inbox_n("jörg@example.test") == 1)
    with smtplib.LMTP(server.lmtp_socket) as client:
        client.sendmail("joe@far.test", [ANN], b"x" * 100 + b"\r\n")
        try:
            client.sendmail("joe@far.test", [ANN], b"x" * 5_000_000)
            refused = None
        except smtplib.SMTPResponseException as e:
            refused = e.smtp_code
        check("what is too large is refused by its announced size", refused == 552)


def check_phone(server):
    address = "phone@example.test"
    add_account(address)
    phone = Phone(server, address, "PHONE")
    phone.begin()
    session = Lmtp(server, unix=True)
    octets = [path.read_bytes() for path in SAMPLES]
    check("every sample is taken", all(session.deliver([address], o)[0].startswith("250") for o in octets))
    phone.do("sync")
    kept = phone.mails()
    trace = [mail[:mail.index(b" +0000\r\n")] for mail in kept]
    check("a trace header is on top of each", len(kept) == len(octets) and all(
        t.startswith(b"Return-Path: <joe@far.test>\r\nReceived: from wire.test (unix)\r\n\tby mx.example.test with LMTP id ")
        for t in trace))
    check("below it the phone has every octet, with CRLF line ends",
          sorted(mail[len(t) + len(b" +0000\r\n"):] for mail, t in zip(kept, trace)) == sorted(map(crlf, octets)))
    for command in "ping", "wait":
        waiting = phone.start(command, "--heartbeat", "600", "--verbose")
        waiting.stderr.readline()  # it has begun to speak
        session.deliver([address], b"Subject: wake up by %s\r\n\r\nText\r\n" % command.encode())
        waiting.communicate()
        check(f"a delivery ends the phone's {command}", waiting.returncode == 0)
        phone.do("sync")
    check("and the phone has what it was woken for", sum(b"\nSubject: wake up by " in mail for mail in phone.mails()) == 2)
    session.close()


def main():
    server = Server(max_message="4M")
    server.start()
    for address in ANN, BOB, "jörg@example.test":
        add_account(address)
    check_swaks(server)
    check_smtplib(server)
    check_phone(server)
    open_session = Lmtp(server)
    check("the server ends well with a session open", server.stop() == 0)
    open_session.close()


main()
