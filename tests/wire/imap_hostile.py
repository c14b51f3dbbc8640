#!/usr/bin/env python3
"""What attackers say to IMAP servers, each after an attack that broke one somewhere; memory and other sessions are watched."""
import os
import pathlib
import re
import statistics
import sys
import time
import zlib

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import roostd
from front import SANITIZED, make_certificate
from imap_raw import Imap
from roostd import Server, add_account, check

ANN = "ann@example.test"
MEGABYTE = 1 << 20


def raw(server):
    return Imap(roostd.IMAP_HOST, server.imap)


def over_tls(server):
    client = raw(server)
    assert client.say("STARTTLS")[-1].startswith("OK")
    client.starttls()
    return client


def imap(server):
    return over_tls(server).login(ANN, "secret")


def resident(server):
    """0 where the sanitizer's own memory would be counted."""
    if SANITIZED:
        return 0
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{server.process.pid}/status").read_text())[1]) * 1024


def check_before_tls(server):
    client = raw(server)
    check("before TLS nothing secret is offered", b"LOGINDISABLED" in client.greeting and b"AUTH=" not in client.greeting)
    check("nor taken", client.say(f"LOGIN {ANN} secret")[-1].startswith("NO [PRIVACYREQUIRED]")
          and client.say("AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=")[-1].startswith("NO [PRIVACYREQUIRED]"))
    # CVE-2011-0411, CVE-2021-33515: what comes in clear behind STARTTLS must not be run inside of it.
    client.send(b"x STARTTLS\r\ny CREATE injected\r\nz NOOP\r\n")
    check("STARTTLS is answered", client.line() == b"x OK begin TLS now")
    client.starttls()
    check("what came in clear behind it is forgotten", client.say("NOOP") == ["OK done"])
    check("after TLS logins are offered, by new capabilities", "AUTH=SCRAM-SHA-256" in client.say("CAPABILITY")[0])
    check("STARTTLS is not taken twice", client.say("STARTTLS")[-1].startswith("BAD"))
    client.login(ANN, "secret")
    half = raw(server)
    half.send(b"x STARTTLS")
    half.send(b"\r\n")
    half.line()
    half.starttls()
    half.send(b"t9 LOGIN {17+}\r\n" + ANN.encode() + b"x secret\r\n")
    check("a wrong name gets the common answer", half.line() == b"t9 NO [AUTHENTICATIONFAILED] wrong login or password")


def check_early_limits(server):
    client = over_tls(server)
    client.send(b"a LOGIN " + b"(" * 9000)
    check("a line before login has a ceiling", client.closed() and b"BYE" in client.buffer)
    client = over_tls(server)
    check("so have its literals", client.say("LOGIN {9000}")[-1].startswith("BAD [TOOBIG]"))
    client.send(b"b LOGIN {4294967295+}\r\n")
    check("one that nobody waits for ends it", client.closed() and b"BYE" in client.buffer)
    client = over_tls(server)
    check("numbers that are none", all(client.say(f"LOGIN {{{n}}}")[-1].startswith("BAD")
                                       for n in ("18446744073709551616", "-1", "x")))
    # CVE-2026-42391
    client = over_tls(server)
    check("ID has a limit", client.say("ID (" + " ".join('"a" "b"' for _ in range(31)) + ")")[-1].startswith("BAD")
          and client.say("ID (" + " ".join('"a" "b"' for _ in range(30)) + ")")[-1].startswith("OK"))
    client = over_tls(server)
    for _ in range(60):
        client.send(b"a NOOP\r\n")
    check("commands before login are counted", client.closed() and b"BYE log in first" in client.buffer)
    client = over_tls(server)
    client.send(b"\r\n" * 10)
    check("bad ones end it", client.closed() and b"BYE too many bad commands" in client.buffer)
    client = over_tls(server)
    client.send(b"a AUTHENTICATE PLAIN\r\n")
    check("SASL begins", client.line() == b"+ ")
    client.send(b"*\r\n")
    check("and is given up", client.line() == b"a BAD given up")
    client.send(b"b AUTHENTICATE PLAIN AAAA\tAAAA\r\n")
    check("base64 is strict", client.line().startswith(b"b BAD"))


def check_arguments(server):
    client = imap(server)
    client.say("SELECT INBOX")
    # CVE-2019-11500
    check("NUL in a quoted string", client.say(b'CREATE "a\0b"')[-1].startswith("BAD"))
    check("NUL in an atom", client.say(b"CREATE a\0b")[-1].startswith("BAD"))
    check("NUL in a literal", client.say(b"CREATE {3+}\r\na\0b")[-1].startswith("BAD"))
    # CVE-2026-27857
    check("parentheses nest to a limit", client.say("SEARCH " + "(" * 60000)[-1].startswith("BAD"))
    check("so do NOT and OR", client.say("SEARCH " + "NOT " * 10000 + "ALL")[-1].startswith("BAD")
          and client.say("SEARCH " + "OR ALL " * 5000 + "ALL ALL")[-1].startswith("BAD"))
    check("a huge set is refused", client.say("FETCH " + ",".join(["1"] * 30000) + " FLAGS")[-1].startswith("BAD"))
    check("the largest set is not", client.say("UID FETCH 1:4294967295 FLAGS")[-1].startswith("OK"))
    # CVE-2026-33607
    before = server.busy_s()
    client.say('LIST "" "' + "*a" * 400 + "%%%" + '"')
    check("a hostile pattern costs little", server.busy_s() - before < 5)
    for name in ("../x", "/etc/x", "a//b", "a/./b", "&AC8-etc", "%2e%2e", "~root", "a" * 1025, "/".join("a" * 255)):
        answer = client.say(f'CREATE "{name}"')[-1]
        check(f"CREATE {name[:20]} does no harm", answer.startswith(("OK", "NO")))
    names = " ".join(client.say('LIST "" "*"'))
    check("names are names, not paths", not (pathlib.Path("state") / ".." / "x").exists() and "a//b" not in names)
    check("INBOX has one form", client.say("CREATE inBox")[-1].startswith("NO [ALREADYEXISTS]"))
    check("a name can't break out of its line", client.say(b"CREATE {5+}\r\na\r\nb*")[-1].startswith("NO"))
    check("a line after login has a ceiling", client.send(b"a NOOP " + b"x" * 70000) is None and client.closed()
          and b"BYE" in client.buffer)


def check_names_as_text(server):
    """CVE-2026-24031 and its kin: a name is never a part of a statement, a path or a format."""
    for name in ("x' OR '1'='1", "x'; DROP TABLE accounts; --", "%s%n%00", "ann@example.test'--", "*", "${HOME}"):
        client = over_tls(server)
        octets = name.encode()
        check(f"LOGIN {name} gets the common answer", client.say(b"LOGIN {%d+}\r\n%s secret" % (len(octets), octets))[-1]
              == "NO [AUTHENTICATIONFAILED] wrong login or password")
        client.socket.close()
    client = imap(server)
    for name in ("x' OR '1'='1", "x'); DROP TABLE folders; --", "%s%n%x", "$(id)", "`id`"):
        octets = name.encode()
        client.say(b"CREATE {%d+}\r\n%s" % (len(octets), octets))
        check(f"CREATE {name} makes a mailbox of that name", name in " ".join(client.say('LIST "" *')))
    check("bytes that are no UTF-8 name nothing", client.say(b"STATUS {2+}\r\n\xbf' (MESSAGES)")[-1].startswith(("NO", "BAD")))
    # CVE-2026-47082 and its kin: there is no way to another account's mailboxes by a name.
    for name in ("user/bob", "~bob/INBOX", "#user.bob", "Other Users/bob", "../bob@example.test/INBOX"):
        check(f"{name} is nobody's", client.say(f'SELECT "{name}"')[-1].startswith("NO [NONEXISTENT]"))


BOB = "bob@example.test"
# What may name a mailbox: with another account's, in the forms that servers have for it, it does what it does with none at all.
NAMING = ["SELECT {}", "EXAMINE {}", "STATUS {} (MESSAGES)", "DELETE {}", "RENAME {} mine", "LIST \"\" {}", "LIST {} %", "LSUB {} *",
          "GETQUOTAROOT {}", "COPY 1 {}", "MOVE 1 {}", "UID COPY 1 {}", "APPEND {} {{2+}}\r\n\r\n", "REPLACE 1 {} {{2+}}\r\n\r\n",
          "NOTIFY SET STATUS (mailboxes {} (MessageNew MessageExpunge))", "NOTIFY SET STATUS (subtree {} (MessageNew MessageExpunge))",
          "SEARCH RETURN (COUNT) IN (mailboxes {}) ALL"]
FOREIGN = ["user/bob/Secret", "user.bob.Secret", "~bob/Secret", "#user/bob/Secret", '"Other Users/bob@example.test/Secret"',
           "../bob@example.test/Secret", "../../2/Secret", "Shared/bob/Secret", "bob@example.test/Secret"]


def check_foreign(server):
    """CVE-2026-47083, -47084, -47089, CVE-2019-19783: no command tells of, or touches, what another account has."""
    add_account(BOB)
    bob = over_tls(server).login(BOB, "secret")
    bob.say("CREATE Secret")
    bob.append("Secret", b"Subject: s\r\n\r\n")
    client = imap(server)
    client.append("INBOX", b"Subject: t\r\n\r\n")
    for command in NAMING:
        answers = {}
        for name in ["Nowhere/bob/Nothing", *FOREIGN]:
            client.say("SELECT INBOX")
            lines = client.say(command.format(name))
            answers[name] = [re.sub(r't\d+|"[^"]*"', "", line.replace(name.strip('"'), "NAME")) for line in lines]
        same = all(lines == answers["Nowhere/bob/Nothing"] for lines in answers.values())
        if not same:
            print(command, answers, file=sys.stderr)
        check(f"{command.split(' {')[0]}: another's mailbox is as none", same)
        client.say("NOTIFY NONE")
    check("and the other one has what he had", bob.say("STATUS Secret (MESSAGES)")[0] == "* STATUS Secret (MESSAGES 1)"
          and "* 1 EXISTS" in imap(server).say("SELECT INBOX"))
    client.say("STORE 1:* +FLAGS.SILENT (\\Deleted)")
    client.say("EXPUNGE")


def check_sasl(server):
    """CVE-2017-15132, CVE-2025-59028: exchanges that are given up or broken cost nothing, and nobody else's login."""
    half = over_tls(server)
    tag = half.begin("AUTHENTICATE PLAIN")
    half.line()
    before = resident(server)
    for n in range(40):
        client = over_tls(server)
        for octets in b"*", b"\xff", b"A" * 3, b"=" * 4000:
            client.begin("AUTHENTICATE " + ("PLAIN", "LOGIN", "SCRAM-SHA-256")[n % 3])
            client.line()
            client.send(octets + b"\r\n")
            client.line()
        client.socket.close()
    check("given up or broken exchanges keep no memory", resident(server) - before < 8 * MEGABYTE)
    half.send(b"AGFubkBleGFtcGxlLnRlc3QAc2VjcmV0\r\n")
    check("and a login that had begun goes on", half.until(tag)[-1].startswith("OK"))


MAILS = [
    ("a thousand nested parts", b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (n, n)
                                         for n in range(1000))),  # CVE-2020-12100
    ("a boundary that holds itself", b"Content-Type: multipart/mixed; boundary=a\r\n\r\n" + b"--a\r\n" * 50_000),
    ("many addresses", b"To: " + b"<a@b>,\r\n " * 50_000 + b"<a@b>\r\n\r\n"),  # CVE-2024-23184
    ("many header fields", b"X: y\r\n" * 100_000 + b"\r\n"),
    ("a long header field", b"Subject: " + b"x" * MEGABYTE + b"\r\n\r\n"),  # CVE-2024-23185
    ("many parameters", b"Content-Type: text/plain" + b"".join(b";\r\n name*%d*=a" % n for n in range(20_000)) + b"\r\n\r\n"),
    ("an open comment", b"From: " + b"(" * 100_000 + b"\r\n\r\n"),  # CVE-2026-47088
    ("an open quoted string", b'From: "' + b"\\" * 99_999 + b"\r\n\r\n"),
    ("open groups", b"To: " + b"a:" * 50_000 + b"\r\n\r\n"),  # CVE-2019-19722
    ("open encoded words", b"Subject: " + b"=?utf-8?q?=" * 50_000 + b"\r\n\r\n"),
    ("NUL in header fields", b"Subject: a\0b\r\nFrom: a\0b <\0@b>\r\n\r\n\0"),
    ("many references", b"References: " + b"<a@b>\r\n " * 50_000 + b"<c@d>\r\n\r\n"),
]


def check_mails(server):
    client, other = imap(server), imap(server)
    client.say("CREATE Hostile")
    client.say("SELECT Hostile")
    for what, octets in MAILS:
        taken = client.append("Hostile", octets)[-1].startswith("OK")
        lines = client.say("FETCH * (ENVELOPE BODYSTRUCTURE PREVIEW BODY.PEEK[HEADER.FIELDS (SUBJECT)])")
        check(f"{what}: taken and shown", taken and lines[-1].startswith("OK"))
    check("they are searched, sorted and threaded",
          all(client.say(text)[-1].startswith("OK") for text in ("SEARCH SUBJECT x FROM y", "SORT (SUBJECT FROM) UTF-8 ALL",
                                                                "THREAD REFERENCES UTF-8 ALL")))
    check("others are served", other.say("NOOP") == ["OK done"])


def check_memory(server):
    before = resident(server)
    clients = [imap(server) for _ in range(8)]
    for client in clients:  # CVE-2024-34055: many literals in one command
        client.send(b"a SEARCH " + b"".join(b"TEXT {60+}\r\n" + b"x" * 60 + b" " for _ in range(800)))
    for client in clients:
        client.send(b"\r\nb APPEND INBOX {4000000000}\r\n")
        client.line()
    sizes = [client.line() for client in clients]
    check("an APPEND that is too large is refused before it comes", all(b"[TOOBIG]" in line for line in sizes))
    check("memory stays bounded", resident(server) - before < 100 * MEGABYTE)
    client = imap(server)
    client.send(b"c APPEND INBOX {3000000}\r\n")
    client.line()
    client.send(b"x" * 1000)
    client.socket.close()
    for _ in range(100):  # half open
        raw(server).socket.close()
    check("a client that goes in the midst of a literal leaves nothing",
          imap(server).say("STATUS INBOX (MESSAGES)")[0] == "* STATUS INBOX (MESSAGES 0)")


def check_deflate(server):
    client = imap(server)
    client.say("COMPRESS DEFLATE")
    client.compress()
    check("COMPRESS, then STARTTLS", client.say("STARTTLS")[-1].startswith("BAD"))
    before = resident(server)
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    octets = b"a NOOP " + b"x" * (100 * MEGABYTE)
    client.socket.sendall(client.deflate.flush(zlib.Z_FULL_FLUSH))
    try:
        client.socket.sendall(bomb.compress(octets) + bomb.flush())
    except OSError:
        pass
    check("a bomb is a line that is too long", client.closed() and resident(server) - before < 20 * MEGABYTE)
    client = imap(server)  # CVE-2026-73209: chunks that give nothing
    client.say("COMPRESS DEFLATE")
    client.compress()
    client.socket.sendall(b"\x00\x00\x00\xff\xff" * 200_000)
    check("empty chunks cost little", client.say("NOOP") == ["OK done"])
    client.socket.sendall(b"\xff" * 100)
    check("what is no deflate ends it", client.closed())


def check_addresses(server):
    clients = [raw(server) for _ in range(48)]
    refused = [raw(server) for _ in range(4)]
    check("an address has a limit before login", any(b"BYE" in client.greeting for client in refused))
    for client in clients + refused:
        client.socket.close()
    user = []
    while b"BYE" in raw(server).greeting:
        pass  # until the server has noticed that they are gone
    for _ in range(51):
        client = over_tls(server)
        user.append(client.say(f"LOGIN {ANN} secret")[-1])
        clients.append(client)
    check("an account has one too", user[-1].startswith("NO [LIMIT]") and user[0].startswith("OK"))
    for client in clients:
        client.socket.close()


def check_slow_reader(server):
    client, other = imap(server), imap(server)
    octets = b"Subject: large\r\n\r\n" + b"x" * (8 * MEGABYTE) + b"\r\n"
    client.append("INBOX", octets)
    client.say("SELECT INBOX")
    before = resident(server)
    tags = [client.begin("UID FETCH 1:* BODY.PEEK[]") for _ in range(8)]  # 64 MB that nobody reads
    time_of = []
    for _ in range(50):
        began = time.monotonic()
        other.say("NOOP")
        time_of.append(time.monotonic() - began)
    check("who does not read costs no memory", resident(server) - before < 30 * MEGABYTE)
    check("and keeps nobody waiting", statistics.median(time_of) < 2)  # one alone may be the machine's
    for tag in tags:
        lines = client.until(tag)
    check("and gets all of it when he does", lines[-1].startswith("OK") and len(lines[0]) > 8 * MEGABYTE)


def main():
    make_certificate("localhost")
    here = os.getcwd()
    server = Server(imap={}, more=f"[tls]\ncertificate = {here}/localhost.pem\nkey = {here}/localhost.key\n")
    add_account(ANN)
    server.start()
    for part in (check_before_tls, check_early_limits, check_arguments, check_names_as_text, check_sasl, check_foreign, check_mails, check_memory, check_deflate, check_slow_reader,
                 check_addresses):
        try:
            part(server)
        except (EOFError, IndexError, OSError, AssertionError) as error:
            check(f"{part.__name__} runs to its end ({error!r})", False)
    check("the server is alive at the end, and ends in order", server.stop() == 0)


main()
