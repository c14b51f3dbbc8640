#!/usr/bin/env python3
"""roostctl doctor and domain records: what an administrator looks at before and after the first client."""
import json
import os
import pathlib
import re
import socket
import struct
import sys
import threading

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
    check_dns(server)
    found = domain_check(server, 1)
    check("a certificate that nobody trusts stops them all", set(found.values()) == {"failed", "warning"})


SRV, TXT, MX = 33, 16, 15


def name_of(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".") if label) + b"\0"


class Dns:
    """A name server on loopback: `records` has (name, type) to the data of its records; what is not there is NXDOMAIN."""

    def __init__(self):
        self.records, self.socket = {}, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.at = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            asked, who = self.socket.recvfrom(4096)
            labels, at = [], 12
            while asked[at]:
                labels.append(asked[at + 1:at + 1 + asked[at]].decode())
                at += 1 + asked[at]
            found = self.records.get((".".join(labels), struct.unpack_from(">H", asked, at + 1)[0]), [])
            if found is None:
                found, code = [], 2  # SERVFAIL
            else:
                code = 0 if found else 3
            head = asked[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(found), 0, 0)
            self.socket.sendto(head + asked[12:at + 5] + b"".join(
                b"\xc0\x0c" + asked[at + 1:at + 5] + struct.pack(">IH", 60, len(data)) + data for data in found), who)


def check_dns(server):
    dns = Dns()
    for line in ctl("domain", "records", "example.test").splitlines()[1:]:
        name, kind, text = RECORD.fullmatch(line).groups()
        if kind == b"SRV":
            priority, weight, port, target = text.decode().split()
            dns.records[name.decode(), SRV] = [struct.pack(">HHH", int(priority), int(weight), int(port)) + name_of(target)]
        elif kind == b"TXT":
            half = len(text) // 2  # one text in two strings
            dns.records[name.decode(), TXT] = [b"\3foo", b"".join(bytes([len(s)]) + s for s in (text[1:half], text[half:-1]))]
    dns.records["example.test", MX] = [struct.pack(">H", 10) + name_of("mx.example.test")]

    def asked(status):
        rows = json.loads(run("roostctl", "-c", "roost.conf", "domain", "check", "example.test", "--json", "--server",
                              f"{TLS_HOST}:{server.tls}", "--ca", "all.pem", "--resolver", dns.at, status=status))
        return {(row["client"], row["url"].removesuffix(".example.test")): (row["result"], row["concludes"])
                for row in rows if row["client"].startswith("DNS")}

    found = asked(0)
    check("a zone with the records of domain records is right", len(found) == 11
          and {result for result, _ in found.values()} == {"ok"})
    dns.records["_imaps._tcp.example.test", SRV] = [struct.pack(">HHH", 0, 1, 993) + name_of("imap.elsewhere.test")]
    dns.records["_pop3s._tcp.example.test", SRV] = [struct.pack(">HHH", 0, 1, 995) + name_of("mail.example.test")]
    dns.records["_ua-auto-config.example.test", TXT] = [b"\5v=old"]
    for gone in ("_autodiscover._tcp.example.test", SRV), ("_caldavs._tcp.example.test", SRV), ("example.test", MX):
        del dns.records[gone]
    found = asked(1)
    check("a service that leads elsewhere has failed, and is told", found["DNS, SRV", "_imaps._tcp"]
          == ("failed", 'says "993 imap.elsewhere.test" instead of "993 mail.example.test"'))
    check("so has one that is not offered", found["DNS, SRV", "_pop3s._tcp"]
          == ("failed", 'says "995 mail.example.test" instead of "0 ."'))
    check("another digest is a warning", found["DNS, TXT", "_ua-auto-config"][0] == "warning")
    check("and so is a record that is not there", found["DNS, SRV", "_autodiscover._tcp"] == ("warning", "is not there")
          and found["DNS, MX", "example.test"][0] == "warning")
    check("but not where nothing is offered", found["DNS, SRV", "_caldavs._tcp"][0] == "ok")
    dns.records["example.test", MX] = None
    check("a resolver that fails is told once", asked(1) == {("DNS", "example.test"): ("failed", "does not answer")})


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
