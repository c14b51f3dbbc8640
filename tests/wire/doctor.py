#!/usr/bin/env python3
"""roostctl doctor and domain records: what an administrator looks at before and after the first client."""
import json
import os
import pathlib
import re
import socket
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Front, TLS_HOST
from roostd import add_account, check, ctl, run

RECORD = re.compile(rb"(\S+)\.\t\d+\tIN\t(CNAME|SRV|TXT)\t(.+)")


def check_records():
    lines = ctl("domain", "records", "example.test").splitlines()
    found = {m[1]: (m[2], m[3]) for m in (RECORD.fullmatch(line) for line in lines if not line.startswith(b";")) if m}
    check("each line is a record or a comment", len(found) == sum(not line.startswith(b";") for line in lines))
    check("names lead to the server", all(found[name + b".example.test"] == (b"CNAME", b"mail.example.test.")
                                          for name in (b"autodiscover", b"autoconfig", b"ua-auto-config")))
    check("what is offered has its port", found[b"_imaps._tcp.example.test"] == (b"SRV", b"0 1 993 mail.example.test."))
    check("what is not says so", found[b"_pop3s._tcp.example.test"] == (b"SRV", b"0 0 0 ."))
    check("the digest of the PACC document is there", re.fullmatch(
        rb'"v=UAAC1; a=sha256; d=[A-Za-z0-9+/]{43}="', found[b"_ua-auto-config.example.test"][1]) is not None)
    run("roostctl", "-c", "roost.conf", "domain", "records", "no domain", status=2)


def domain_check(server, status, *more):
    return {row["client"]: row["result"] for row in json.loads(
        run("roostctl", "-c", "roost.conf", "domain", "check", "example.test", "--json", "--server",
            f"{TLS_HOST}:{server.tls}", *more, status=status))}


def check_live(server):
    found = domain_check(server, 0, "--ca", "all.pem")
    check("each client finds what it looks for", {who for who, result in found.items() if result == "ok"}
          == {"phones", "iOS, Outlook", "Outlook", "Outlook 2016", "Thunderbird", "EWS libraries", "iOS, by link", "PACC",
              "phones, first", "autoconfig, 2nd"})
    check("what old clients need is a warning", found["old clients"] == "warning")
    found = domain_check(server, 1)
    check("a certificate that nobody trusts stops them all", set(found.values()) == {"failed", "warning"})


def doctor(status=0):
    return json.loads(run("roostctl", "-c", "roost.conf", "doctor", "--json", status=status))


def results(report, name):
    return [row["result"] for row in report if row["check"] == name]


def check_ports(server):
    """Its configuration with the ports that the kernel chose, a smarthost, and a port that is held but answers nobody."""
    conf, ports = pathlib.Path("roost.conf"), server.listening()
    before = conf.read_text()
    smarthost, silent = (socket.socket() for _ in range(2))
    with smarthost, silent:
        for s in smarthost, silent:
            s.bind(("127.0.0.1", 0))
        smarthost.listen()
        open_port, shut_port = (s.getsockname()[1] for s in (smarthost, silent))
        real = re.sub(r"(127\.0\.0\.\d+):0", lambda m: f"{m[1]}:{ports[m[1]]}", before)
        conf.write_text(f"{real}\n[outbound]\nsmarthost = localhost:{open_port}\n")
        report = doctor()
        check("each port that is listened at answers", [results(report, name) for name in ("https", "http", "lmtp")] == [["ok"]] * 3)
        check("a smarthost that answers is told", results(report, "smarthost") == ["ok"])
        conf.write_text(f"{real}\n[outbound]\nsmarthost = localhost:{shut_port}\n[imap]\nlisten = 127.0.0.1:{shut_port}\n")
        report = doctor(1)
        check("a smarthost that does not has failed", results(report, "smarthost") == ["failed"])
        check("so has a port that nobody listens at", results(report, "imap") == ["failed"] and results(report, "https") == ["ok"])
    conf.write_text(before)


def main():
    names = [f"{label}example.test" for label in ("autodiscover.", "autoconfig.", "ua-auto-config.", "")]
    server = Front(names=("localhost", *names), more="\n[autodiscover]\nurl = https://mail.example.test\nimap = mail.example.test:993\npop3 = off\n")
    add_account("ann@example.test")
    check_records()
    report = doctor()
    check("a server that does not run is a warning", results(report, "server") == ["warning"])
    server.start()
    pathlib.Path("all.pem").write_text("".join(pathlib.Path(f"{name}.pem").read_text() for name in names))
    check_live(server)
    report = doctor()
    check("a sound installation has nothing that failed", {row["result"] for row in report} <= {"ok", "warning"}
          and results(report, "store") == ["ok"] and results(report, "server") == ["ok"])
    check_ports(server)
    check("names are found in the certificates", results(report, "name") == ["ok", "ok", "ok"])
    check("roostd ends with 0", server.stop() == 0)
    os.chmod("localhost.key", 0o604)
    check("a key that everybody can read has failed", "failed" in results(doctor(1), "key"))
    os.chmod("localhost.key", 0o600)
    database = next(pathlib.Path("state/mailbox").glob("*/mailbox.db"))
    octets = bytearray(database.read_bytes())
    octets[4096:] = b"\x55" * (len(octets) - 4096)
    database.write_bytes(octets)
    check("a damaged mailbox has failed", results(doctor(1), "store") == ["failed"])


main()
