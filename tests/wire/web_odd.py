#!/usr/bin/python3
"""EWS and Autodiscover as odd clients and attackers ask: charsets, packings, paths, methods, logins, addresses, octet by octet."""
import base64
import gzip
import os
import re
import socket
import sys
import zlib

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from roostd import HTTP_HOST, Server, add_account, check

EWS, POX, SOAP = "/EWS/Exchange.asmx", "/autodiscover/autodiscover.xml", "/autodiscover/autodiscover.svc"
ANN = {"Authorization": "Basic " + base64.b64encode(b"ann@example.test:secret").decode()}
FAST_S = 10  # of a processor: far above what an answer takes
GET_OOF = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="t" xmlns:m="m"><s:Body>
<m:GetUserOofSettingsRequest><t:Mailbox><t:Name>\u00e4</t:Name><t:Address>ann@example.test</t:Address></t:Mailbox>
</m:GetUserOofSettingsRequest></s:Body></s:Envelope>"""
PLAIN = GET_OOF.encode()
ASK_POX = """<Autodiscover><Request><EMailAddress>%s</EMailAddress><AcceptableResponseSchema>
http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a</AcceptableResponseSchema></Request></Autodiscover>"""
ASK_SOAP = """<Envelope><Body><GetUserSettingsRequestMessage><Request><Users><User><Mailbox>%s</Mailbox></User></Users>
<RequestedSettings><Setting>ExternalEwsUrl</Setting></RequestedSettings></Request></GetUserSettingsRequestMessage></Body></Envelope>"""


def declared(encoding, codec=None):
    return f"<?xml version='1.0' encoding='{encoding}'?>{GET_OOF}".encode(codec or encoding)


def chunked(body, n):
    return b"".join(b"%x\r\n%s\r\n" % (len(body[i:i + n]), body[i:i + n]) for i in range(0, len(body), n)) + b"0\r\n\r\n"


def request(path, body=b"", method="POST", headers=ANN, length=True):
    head = {"Host": "h", "Content-Type": "text/xml; charset=utf-8"} | ({"Content-Length": len(body)} if length else {}) | headers
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value is not None)
    return f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def ask(server, octets, answers=1):
    """(status, headers, body) of each answer that came; `octets` are sent as far as the server takes them."""
    got = []
    with socket.create_connection((HTTP_HOST, server.http), timeout=60) as connection:
        try:
            connection.sendall(octets)
        except OSError:
            pass  # refused while it was sent
        stream = connection.makefile("rb")
        for _ in range(answers):
            line = stream.readline()
            if not line:
                break
            headers = [h.decode().rstrip().partition(": ") for h in iter(stream.readline, b"\r\n")]
            headers = {name.lower(): value for name, _colon, value in headers}
            body = b"" if octets.startswith(b"HEAD") else stream.read(int(headers.get("content-length", 0)))
            got.append((int(line.split()[1]), headers, body))
    return got


# what, request, status
WAYS = [
    *((f"UTF-16 ({codec})", request(EWS, declared("utf-16", codec)), 200) for codec in ("utf-16", "utf-16-le", "utf-16-be")),
    ("ISO-8859-1", request(EWS, declared("iso-8859-1")), 200),
    ("UTF-8 with a mark", request(EWS, b"\xef\xbb\xbf" + PLAIN), 200),
    ("ISO-8859-1 that does not say so", request(EWS, GET_OOF.encode("latin1")), 500),
    ("UTF-7", request(EWS, declared("utf-7")), 500),
    ("a charset that nobody knows", request(EWS, declared("x-none", "utf-8")), 500),
    ("UTF-16 cut in a character", request(EWS, declared("utf-16")[:-1]), 500),
    ("an octet of 0", request(EWS, PLAIN.replace(b"<s:Body>", b"<s:Body>\0")), 500),
    ("no type", request(EWS, PLAIN, headers=ANN | {"Content-Type": None}), 200),
    ("SOAP 1.2", request(EWS, PLAIN.replace(b"http://schemas.xmlsoap.org/soap/envelope/", b"http://www.w3.org/2003/05/soap-envelope"),
                         headers=ANN | {"Content-Type": "application/soap+xml"}), 500),
    ("gzip", request(EWS, gzip.compress(PLAIN), headers=ANN | {"Content-Encoding": "gzip"}), 200),
    ("gzip that is cut", request(EWS, gzip.compress(PLAIN)[:-20], headers=ANN | {"Content-Encoding": "gzip"}), 400),
    ("gzip that is none", request(EWS, PLAIN, headers=ANN | {"Content-Encoding": "gzip"}), 400),
    ("gzip that grows to 100 MB", request(EWS, gzip.compress(b" " * 100_000_000), headers=ANN | {"Content-Encoding": "gzip"}), 413),
    ("another packing", request(EWS, zlib.compress(PLAIN), headers=ANN | {"Content-Encoding": "deflate"}), 415),
    ("chunks", request(EWS, chunked(PLAIN, 7), headers=ANN | {"Transfer-Encoding": "chunked"}, length=False), 200),
    ("chunks that are none", request(EWS, b"zz\r\nabc\r\n", headers=ANN | {"Transfer-Encoding": "chunked"}, length=False), 400),
    ("chunks and a length", request(EWS, chunked(PLAIN, 7), headers=ANN | {"Transfer-Encoding": "chunked"}), 400),
    ("no body", request(EWS), 500),
    ("10 MB", request(EWS, b"<a>" + b"x" * (10 << 20)), 413),
    ("no host", request(EWS, PLAIN, headers=ANN | {"Host": None}), 400),
    ("a strange host", request(EWS, PLAIN, headers=ANN | {"Host": "evil.test\" x=<>"}), 200),
    ("small letters", request(EWS.lower(), PLAIN), 200),
    ("capitals", request(EWS.upper(), PLAIN), 200),
    ("a query", request(EWS + "?wsdl", PLAIN), 200),
    ("a whole URL", request("http://h" + EWS, PLAIN), 200),
    ("a path that goes up", request("/x/.." + EWS, PLAIN), 404),
    ("a path with an octet of 0", request(EWS + "%00", PLAIN), 400),
    *((f"{method} of EWS", request(EWS, method=method), 405) for method in ("GET", "HEAD", "OPTIONS", "PUT", "TRACE")),
    *((f"{method} of Autodiscover", request(POX, method=method), 405) for method in ("OPTIONS", "PUT", "DELETE")),
    ("HEAD of Autodiscover", request(POX, method="HEAD"), 200),
    *((f"a login by {way[:12]}", request(EWS, PLAIN, headers={"Authorization": way}), 401) for way in (
        "Negotiate TlRMTVNTUAABAAAA", "NTLM TlRMTVNTUAABAAAA", "Bearer", "Bearer a.b.c", "Digest username=\"ann\"", "Basic",
        "Basic !!!", "Basic YQ==", "Basic " + "A" * 9000)),
]


def check_ways(server):
    for what, octets, status in WAYS:
        before = server.busy_s()
        got = ask(server, octets)
        check(f"{what} is HTTP {status}", [s for s, _headers, _body in got] == [status] and server.busy_s() - before < FAST_S)
        if status == 401:
            check(f"{what}: Basic alone is offered", got[0][1].get("www-authenticate") == 'Basic realm="roost", charset="UTF-8"')
    three = request(EWS, PLAIN) + request(POX, (ASK_POX % "ann@example.test").encode()) + request(EWS, b"<a/>")
    check("three requests at once have three answers in their order",
          [status for status, _headers, _body in ask(server, three, 3)] == [200, 200, 500])


def check_addresses(server):
    for address in ("ann@example.test&#13;&#10;X-Evil: y", "&lt;b&gt;@example.test", "ann@example.test'\"&amp;", "@",
                    "a@" + "b" * 5000, "ann@elsewhere.test", "\u202eann@example.test"):
        status, headers, body = ask(server, request(POX, (ASK_POX % address).encode()))[0]
        check(f"POX: {address[:30]!r} is nobody's", (status, re.findall(b"<ErrorCode>(.*?)<", body)) == (200, [b"500"])
              and "x-evil" not in headers)
        status, headers, body = ask(server, request(SOAP, (ASK_SOAP % address).encode()))[0]
        check(f"SOAP: {address[:30]!r} is nobody's", status == 200 and b"<ErrorCode>InvalidUser<" in body and "x-evil" not in headers)
    for path in ("/mail/config-v1.1.xml?emailaddress=", "/roost.mobileconfig?email="):
        for address, status in (("%0d%0aX-Evil:y%40example.test", 200), ("a%40%3cb%3e", 404), ("%00%40example.test", 404),
                                ("%ff%fe%40example.test", 404), ("a%40" + "b" * 300, 404), ("'%22%26%3c%40example.test", 200)):
            got = ask(server, request(path + address, method="GET", headers={}))[0]
            check(f"{path.partition('?')[0]}: {address[:20]} is HTTP {status}", got[0] == status and "x-evil" not in got[1]
                  and b"&<" not in got[2])


def check_names(server):
    """Who does not exist is told as who does: a wrong password, and the answers that need none."""
    for path in EWS, POX, SOAP:
        answers = []
        for who in "bob@example.test", "none@example.test", "ann@elsewhere.test":
            login = {"Authorization": "Basic " + base64.b64encode(f"{who}:wrong".encode()).decode()}
            status, headers, body = ask(server, request(path, PLAIN, headers=login))[0]
            headers.pop("date", None)
            answers.append((status, headers, body))
        check(f"{path}: a wrong password and a wrong name are the same", answers[0][0] == 401 and answers[1:] == answers[:1] * 2)
    for path in ("/mail/config-v1.1.xml?emailaddress=%s", "/.well-known/autoconfig/mail/config-v1.1.xml?emailaddress=%s",
                 "/autodiscover/autodiscover.json?Email=%s&Protocol=Ews", "/autodiscover/autodiscover.json/v1.0/%s?Protocol=ActiveSync"):
        known, unknown = (ask(server, request(path % who, method="GET", headers={}))[0] for who in ("bob%40example.test", "no%40example.test"))
        check(f"{path.partition('%')[0]}: nobody is told as somebody", (known[0], known[2]) == (unknown[0], unknown[2]) and known[0] == 200)


def main():
    server = Server()
    add_account("ann@example.test")
    add_account("bob@example.test")
    server.start()
    check_ways(server)
    check_addresses(server)
    check_names(server)
    check("it ends with 0", server.stop() == 0)


main()
