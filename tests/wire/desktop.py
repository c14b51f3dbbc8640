#!/usr/bin/env python3
"""POP3 and submission as programs on a desk use them: curl, Python, getmail, fetchmail, mpop, msmtp, swaks."""
import os
import pathlib
import poplib
import smtplib
import socket
import ssl
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import (ANN, BOB, CA, HERE, NAME, POP3, POP3S, SMTP, SMTPS, Desk, await_subjects, body_of, deliver, make_maildir,
                  messages, private, run, stranger)
from roostd import add_account, check

MAILS = [b"From: joe@far.test\r\nTo: ann@example.test\r\nSubject: number %d\r\nMessage-ID: <%d@far.test>\r\n\r\n"
         b".A line with a dot\r\n..two\r\nText of %d\r\n" % (i, i, i) for i in (1, 2, 3)]


def has_all(octets):
    """Every mail's own text, undone of its dots."""
    return all(body_of(m) in octets.replace(b"\r\n", b"\n") for m in MAILS)


def check_poplib(server):
    context = ssl.create_default_context(cafile=CA)
    client = poplib.POP3(POP3, server.ports[POP3])
    check("capabilities before TLS have no way to say a password",
          "STLS" in client.capa() and "SASL" not in client.capa() and "USER" not in client.capa())
    try:
        client.user("ann")
        check("a name is refused before TLS", False)
    except poplib.error_proto:
        check("a name is refused before TLS", True)
    client.stls(context)
    check("after TLS there are mechanisms", client.capa()["SASL"] == ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "PLAIN",
                                                                      "LOGIN"])
    client.utf8()
    client.user("ann")
    client.pass_("secret")
    check("poplib counts", client.stat()[0] == 3)
    check("poplib lists", len(client.list()[1]) == 3 and len(set(client.uidl()[1])) == 3)
    got = b"\n".join(b"\n".join(client.retr(i)[1]) + b"\n" for i in (1, 2, 3))
    check("poplib fetches every mail as it was", has_all(got))
    top = client.top(2, 1)[1]
    check("TOP gives the header and a line", top[-1] == b".A line with a dot")
    other = poplib.POP3_SSL(POP3S, server.ports[POP3S], context=context)
    other.user(ANN)
    try:
        other.pass_("secret")
        check("a second session is told that the first has the maildrop", False)
    except poplib.error_proto as error:
        check("a second session is told that the first has the maildrop", b"[IN-USE]" in error.args[0])
    client.quit()
    check("what was fetched is read", all("seen" in m["flags"] for m in messages(ANN)))
    other.user(ANN)
    other.pass_("secret")
    check("and then it has it", other.stat()[0] == 3)
    other.quit()


def check_curl(server):
    status, said = run("curl", "-sS", "--cacert", CA, "-u", "ann:secret", f"pop3s://{POP3S}:{server.ports[POP3S]}/")
    check("curl lists by TLS", status == 0 and len(said.splitlines()) == 3)
    status, said = run("curl", "-sS", "--ssl-reqd", "--cacert", CA, "-u", "ann:secret",
                       f"pop3://{POP3}:{server.ports[POP3]}/2")
    check("curl fetches by STLS", status == 0 and body_of(MAILS[1]) in said.replace(b"\r\n", b"\n"))
    status, _ = run("curl", "-sS", "--cacert", CA, "-u", "ann:wrong", f"pop3s://{POP3S}:{server.ports[POP3S]}/")
    check("curl is refused with a wrong password", status == 67)


def check_fetchers(server):
    user, box = stranger(), HERE / "getmail"
    make_maildir(box, user)
    (box / "rc").write_text(
        f"[retriever]\ntype = SimplePOP3SSLRetriever\nserver = {POP3S}\nport = {server.ports[POP3S]}\n"
        f"username = ann\npassword = secret\nca_certs = {CA}\n"
        f"[destination]\ntype = Maildir\npath = {box}/Maildir/\n[options]\nread_all = true\ndelete = false\n")
    status, _ = run("getmail", f"--getmaildir={box}", "--rcfile=rc", env={"HOME": str(box)}, user=user)
    got = [p.read_bytes() for p in (box / "Maildir/new").iterdir()]
    check("getmail fetches into a Maildir", status == 0 and len(got) == 3 and has_all(b"\n".join(got)))

    out = HERE / "fetchmail.mbox"
    rc = private(HERE / "fetchmailrc", f'poll localhost via {POP3} protocol pop3 service {server.ports[POP3]} user "ann" password "secret" '
                 f'sslproto "tls1.2+" sslcertck sslcertfile "{CA}" sslcommonname "{NAME}" keep fetchall '
                 f'mda "cat >>{out}"\n')
    status, _ = run("fetchmail", "-f", rc, "--nosyslog", "-N", "-d0", "--idfile", HERE / "ids", "--pidfile", HERE / "pid",
                    env={"HOME": str(HERE)})
    check("fetchmail fetches by STLS", status == 0 and has_all(out.read_bytes()))

    mbox = HERE / "mpop.mbox"
    rc = private(
        HERE / "mpoprc", f"account default\nhost {POP3S}\nport {server.ports[POP3S]}\nuser ann\npassword secret\nauth scram-sha-256\n"
        f"tls on\ntls_starttls off\ntls_trust_file {CA}\nkeep on\ndelivery mbox {mbox}\nuidls_file {HERE}/uidls\n")
    status, _ = run("mpop", "-C", rc)
    check("mpop fetches by SCRAM, with pipelining", status == 0 and has_all(mbox.read_bytes()))
    deliver(server, MAILS[:1])
    status, _ = run("mpop", "-C", rc)
    check("mpop fetches what is new alone, by its unique id",
          status == 0 and mbox.read_bytes().count(b"Subject: number 1") == 2
          and mbox.read_bytes().count(b"Subject: number 2") == 1)
    rc.write_text(rc.read_text().replace("keep on", "keep off").replace(f"{HERE}/uidls", f"{HERE}/uidls2"))
    status, _ = run("mpop", "-C", rc)
    check("mpop fetches them away", status == 0 and messages(ANN) == [])


def mail(subject, sender=ANN):
    return (f"From: {sender}\r\nTo: {BOB}\r\nSubject: {subject}\r\n\r\n.dot\r\nHello\r\n").encode()


def check_senders(server):
    context = ssl.create_default_context(cafile=CA)
    with smtplib.SMTP(SMTP, server.ports[SMTP]) as client:
        client.ehlo()
        check("no AUTH before TLS", not client.has_extn("auth") and client.has_extn("starttls"))
        client.starttls(context=context)
        client.login("ann", "secret")
        refused = client.sendmail(ANN, [BOB], mail("smtplib"), mail_options=["BODY=8BITMIME", "SMTPUTF8"],
                                  rcpt_options=["NOTIFY=FAILURE"])
        check("smtplib sends by STARTTLS", refused == {})
        try:
            client.sendmail(BOB, [BOB], mail("foreign"))
            check("another's address is no sender", False)
        except smtplib.SMTPSenderRefused:
            check("another's address is no sender", True)
        try:
            client.sendmail(ANN, [BOB], mail("foreign", BOB))
            check("another's address is no author", False)
        except smtplib.SMTPDataError as error:
            check("another's address is no author", error.smtp_code == 550)
    with smtplib.SMTP_SSL(SMTPS, server.ports[SMTPS], context=context) as client:
        client.ehlo()
        client.user, client.password = "ann", "secret"
        client.auth("LOGIN", client.auth_login)
        client.sendmail(ANN, [BOB], mail("smtplib tls"))

    pathlib.Path("m.eml").write_bytes(mail("curl"))
    status, _ = run("curl", "-sS", "--ssl-reqd", "--cacert", CA, "-u", "ann:secret", f"smtp://{SMTP}:{server.ports[SMTP]}",
                    "--mail-from", ANN, "--mail-rcpt", BOB, "-T", "m.eml")
    check("curl sends by STARTTLS", status == 0)
    pathlib.Path("m.eml").write_bytes(mail("curl tls"))
    status, _ = run("curl", "-sS", "--cacert", CA, "-u", "ann:secret", f"smtps://{SMTPS}:{server.ports[SMTPS]}",
                    "--mail-from", ANN, "--mail-rcpt", BOB, "-T", "m.eml")
    check("curl sends by TLS", status == 0)

    for mechanism in "PLAIN", "LOGIN":
        status, _ = run("swaks", "--server", f"{SMTP}:{server.ports[SMTP]}", "--tls", "--tls-ca-path", CA, "--tls-verify",
                        "--auth", mechanism, "--auth-user", ANN, "--auth-password", "secret", "--from", ANN, "--to", BOB,
                        "--header", f"Subject: swaks {mechanism}", "--pipeline")
        check(f"swaks sends with {mechanism}", status == 0)
    status, _ = run("swaks", "--server", f"{SMTP}:{server.ports[SMTP]}", "--tls", "--from", ANN, "--to", "x@far.test")
    check("nobody sends without a login", status != 0)

    rc = private(
        HERE / "msmtprc", f"account default\nhost {SMTPS}\nport {server.ports[SMTPS]}\nfrom {ANN}\nuser ann\npassword secret\n"
        f"auth scram-sha-256\ntls on\ntls_starttls off\ntls_trust_file {CA}\n")
    status, _ = run("msmtp", "-C", rc, "--dsn-notify=failure", BOB, given=mail("msmtp").replace(b"\r\n", b"\n"))
    check("msmtp sends by SCRAM, with DSN", status == 0)
    check("all of it arrives", await_subjects(BOB, "smtplib", "smtplib tls", "curl", "curl tls", "swaks PLAIN",
                                              "swaks LOGIN", "msmtp"))
    check("nothing foreign does", not any(m["subject"] == "foreign" for m in messages(BOB)))


def check_binding(server):
    """gsasl binds to the exporter of TLS 1.3, and knows whether the server proved itself too."""
    words = ["gsasl", "--smtp", f"--connect={SMTP}:{server.ports[SMTP]}", "-a", "ann", "-z", "ann", f"--x509-ca-file={CA}",
             "--no-client-first"]
    status, said = run(*words, "-p", "secret", "-m", "SCRAM-SHA-256-PLUS")
    check("gsasl logs in by SCRAM bound to the channel", status == 0 and b"server trusted" in said)
    status, said = run(*words, "-p", "secret", "-m", "SCRAM-SHA-256", "--no-cb")
    check("gsasl logs in by SCRAM that is not", status == 0 and b"server trusted" in said)
    status, said = run(*words, "-p", "wrong", "-m", "SCRAM-SHA-256-PLUS")
    check("gsasl is refused with a wrong password", status != 0 and b"535 5.7.8" in said)


def talk(host, port, octets):
    """All that the server says until it closes, to octets that nobody puts right."""
    with socket.create_connection((host, port), timeout=60) as s:
        s.sendall(octets)
        said = b""
        while piece := s.recv(65536):
            said += piece
        return said


def check_hostile(server):
    pop, smtp = server.ports[POP3], server.ports[SMTP]
    check("a POP3 line of a megabyte ends the session", b"-ERR line too long" in talk(POP3, pop, b"x" * 1_000_000))
    said = talk(POP3, pop, b"USER \x00\r\nAUTH PLAIN =\r\n\xff\xfe\r\nSTAT\r\nQUIT\r\n")
    check("POP3 answers each line of rubbish, and the last", said.count(b"-ERR") == 4 and said.endswith(b"+OK bye\r\n"))
    said = talk(SMTP, smtp, b"EHLO x\r\nBDAT 999999999999 LAST\r\n" + b"x" * 100_000)
    check("a chunk without a login ends the session", b"530 5.7.0" in said)
    said = talk(SMTP, smtp, b"EHLO x\r\nMAIL FROM:<ann@example.test>\r\nRCPT TO:<x@far.test>\r\nDATA\r\n.\r\nQUIT\r\n")
    check("nothing is relayed for who has not logged in", said.count(b"530 5.7.0") == 3 and b"354" not in said)
    said = talk(SMTP, smtp, b"EHLO x\r\nNOOP\nMAIL FROM:<>\r\n")
    check("a command that ends in LF alone ends the session", said.endswith(b"500 5.5.2 lines end in CRLF\r\n"))


def main():
    server = Desk()
    server.start()
    add_account(ANN)
    add_account(BOB)
    deliver(server, MAILS)
    check_poplib(server)
    check_curl(server)
    check_senders(server)
    check_binding(server)
    check_fetchers(server)
    check_hostile(server)
    check("the server ends in order", server.stop() == 0)


main()
