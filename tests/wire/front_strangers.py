#!/usr/bin/env python3
"""Who brings much and is not known: he is told so before it is read; curl as the judge of how."""
import os
import pathlib
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Account, Front, SANITIZED, until
from roostd import HTTP_HOST, check

REDIRECT_HOST = "127.0.0.4"
STRANGERS = 200
BODY = 10 << 20
MEMORY_KB = 32 * 1024  # what all of them may add: their bodies are 2 GB
TRIES = 5  # of who does not wait for an answer, and may be cut off while he still sends (STREAM_LINGER_BYTES)
CUT_OFF = 55  # curl's exit status: what it sends is not taken
EAS, EWS = "/Microsoft-Server-ActiveSync?Cmd=SendMail&User=ann&DeviceId=x&DeviceType=T", "/EWS/Exchange.asmx"
ANN = "ann@example.test:secret"
OOF = b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="t" xmlns:m="m"><s:Body>
<m:GetUserOofSettingsRequest><t:Mailbox><t:Name>a</t:Name><t:Address>ann@example.test</t:Address></t:Mailbox>
</m:GetUserOofSettingsRequest></s:Body></s:Envelope>"""

# what, options of curl, file, status
WAYS = [
    ("without a login", [], "large", "401"),
    ("without a login, waiting for nothing", ["-H", "Expect:"], "large", "401"),
    ("without a login, in chunks", ["-H", "Transfer-Encoding: chunked"], "large", "401"),
    ("without a login, in chunks, waiting for nothing", ["-H", "Transfer-Encoding: chunked", "-H", "Expect:"], "large", "401"),
    ("without a login, by HTTP/1.0", ["--http1.0"], "large", "401"),
    ("with a wrong password", ["-u", "ann@example.test:wrong"], "large", "401"),
    ("with another scheme", ["-H", "Authorization: Bearer a.b.c"], "large", "401"),
    ("small, without a login", [], "small", "401"),
]
# A login that holds; --anyauth asks without it first.
KNOWN = [
    ("at once", ["-u", ANN]),
    ("waiting to be told to go on", ["-u", ANN, "-H", "Expect: 100-continue"]),
    ("in chunks", ["-u", ANN, "-H", "Transfer-Encoding: chunked"]),
    ("by HTTP/1.0", ["-u", ANN, "--http1.0"]),
    ("after it was refused", ["-u", ANN, "--anyauth"]),
]


def curl(server, path, file, options, at=None):
    """Status, octets that were sent of the body, exit status."""
    done = subprocess.run(["curl", "-sS", "-o", "answer", "-w", "%{http_code} %{size_upload}", "-X", "POST", "--data-binary", f"@{file}",
                           "-H", "Content-Type: text/xml", "--expect100-timeout", "100", *options, f"http://{at or f'{HTTP_HOST}:{server.http}'}{path}"],
                          stdout=subprocess.PIPE, check=False)
    status, sent = done.stdout.decode().split()
    return status, int(sent), done.returncode


def check_curl(server):
    for path in EAS, EWS:
        for what, options, file, wanted in WAYS:
            if path == EWS and file == "large":
                file = "medium"  # its own bound is 1 MB
            for _ in range(TRIES):
                status, sent, code = curl(server, path, file, options)
                if code != CUT_OFF:
                    break
            check(f"{path[:5]}: {what}: {wanted}", (status, code) == (wanted, 0))
            if "-H" not in options and file == "large" and "--http1.0" not in options:
                check(f"{path[:5]}: {what}: nothing was asked for", sent == 0)
    for what, options in KNOWN:
        status, _sent, code = curl(server, EWS, "known", options)
        check(f"who is known brings 40 KB {what}", (status, code) == ("200", 0))
    curl(server, EWS, "large", ["-u", ANN, "-H", "Transfer-Encoding: chunked"])
    line = until(lambda: next((line for line in server.log().splitlines() if " status=413 " in line), None))
    check("what he brings too much is logged with who he is", "user=ann@example.test" in line)


def check_answers_for_all(server):
    """What needs no login needs no body either."""
    check("a large body with /healthz is not read", curl(server, "/healthz", "large", ["-X", "GET"]) == ("200", 0, 0))
    redirect = f"{REDIRECT_HOST}:{server.listening()[REDIRECT_HOST]}"
    check("nor one that is sent to the port with TLS", curl(server, EWS, "large", [], redirect) == ("302", 0, 0))


def check_strangers(server):
    head = (f"POST {EAS} HTTP/1.1\r\nHost: localhost\r\nMS-ASProtocolVersion: 14.1\r\nContent-Type: message/rfc822\r\n"
            f"Content-Length: {BODY}\r\n\r\n").encode()
    before = server.memory("VmHWM")
    crowd = [server.plain() for _ in range(STRANGERS)]
    for c in crowd:
        c.send(head)
    for c in crowd:
        c.socket.setblocking(False)
        try:
            c.socket.send(bytes(1 << 20))
        except OSError:
            pass  # full, or refused by now
        c.socket.setblocking(True)
    answers = [c.answer() for c in crowd]
    statuses = {status for status, _headers, _body in answers}
    check(f"{STRANGERS} strangers with 10 MB each are refused", statuses <= {401, 503} and 401 in statuses)
    check("and told by which login, and that this is the end", all(
        "basic" in headers.get("www-authenticate", "").lower() and headers.get("connection") == "close"
        for status, headers, _body in answers if status == 401))
    added = server.memory("VmHWM") - before
    print(f"{added} kB more at the peak", file=sys.stderr)
    check(f"and cost less than {MEMORY_KB} kB", SANITIZED or added < MEMORY_KB)
    check("each connection ends", all(c.ended() for c in crowd))
    check("and others are served", server.healthy())
    for c in crowd:
        c.close()


def main():
    server = Front(server="default_domain = example.test", http=f"listen_redirect = {REDIRECT_HOST}:0")
    server.start()
    Account("ann")
    pathlib.Path("large").write_bytes(bytes(BODY))
    pathlib.Path("medium").write_bytes(bytes(1 << 19))
    pathlib.Path("small").write_bytes(bytes(100))
    pathlib.Path("known").write_bytes(OOF + b" " * 40000)
    server.healthy()
    check_strangers(server)
    check_curl(server)
    check_answers_for_all(server)
    check("it ends well", server.end()[0] == 0)


main()
