#!/usr/bin/env python3
"""Autodiscover as clients meet it: curl over HTTPS, documents read by Python's XML, JSON and property list readers."""
import json
import os
import plistlib
import sqlite3
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Front, TLS_HOST, make_certificate
from roostd import add_account, check

REDIRECT_HOST = "127.0.0.4"
SCHEMA = "http://schemas.microsoft.com/exchange/autodiscover/{}/responseschema/{}"
MOBILESYNC, OUTLOOK = SCHEMA.format("mobilesync", "2006"), SCHEMA.format("outlook", "2006a")
FAST_S = 5  # of a processor: far above what a refusal takes, far below what a document that grows would
GUARD_S = 60


def curl(*words):
    """(HTTP status, body)"""
    done = subprocess.run(["curl", "-sS", "--cacert", "localhost.pem", "-w", "\n%{http_code}", *words],
                          stdout=subprocess.PIPE, check=True)
    body, _, status = done.stdout.rpartition(b"\n")
    return int(status), body


def pox(url, address, schema, *words):
    return curl("-u", "ann@example.test:secret", "-H", "Content-Type: text/xml", "--data-binary",
                f"<Autodiscover><Request><EMailAddress>{address}</EMailAddress><AcceptableResponseSchema>{schema}"
                "</AcceptableResponseSchema></Request></Autodiscover>", *words, f"{url}/autodiscover/autodiscover.xml")


def texts(document, name):
    return [e.text for e in ElementTree.fromstring(document).iter() if e.tag.rpartition("}")[2] == name]


def check_pox(url):
    status, document = pox(url, "ann@example.test", MOBILESYNC)
    check("a phone is told the URL of ActiveSync", status == 200
          and texts(document, "Url") == ["https://mail.example.test/Microsoft-Server-ActiveSync"])
    status, document = pox(url, "ann@example.test", OUTLOOK)
    check("Outlook is told of IMAP and SMTP", texts(document, "Type") == ["IMAP", "SMTP"]
          and texts(document, "Port") == ["993", "465"])
    for agent in "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0)", "Evolution/3.46", "MacOutlook/16.78":
        check(f"{agent.partition('/')[0]} is told of no protocol of Exchange's", texts(
            pox(url, "ann@example.test", OUTLOOK, "-A", agent)[1], "Type") == ["IMAP", "SMTP"])
    status, document = pox(url, "ann@example.test", OUTLOOK, "-A", "ExchangeServicesClient/15.00.0913.015")
    check("a library is told of EWS", texts(document, "Type") == ["EXCH", "EXPR", "IMAP", "SMTP"]
          and {*texts(document, "EwsUrl")} == {"https://mail.example.test/EWS/Exchange.asmx"})
    check("an address that is not there is ErrorCode 500",
          texts(pox(url, "carl@example.test", OUTLOOK)[1], "ErrorCode") == ["500"])
    check("an unknown schema is ErrorCode 601", texts(pox(url, "ann@example.test", "urn:x")[1], "ErrorCode") == ["601"])
    check("without a login there is a challenge", curl("-d", "<a/>", f"{url}/autodiscover/autodiscover.xml")[0] == 401)


def check_damaged(url):
    """What is kept of the account cannot be read; who logs in is known all the same."""
    with sqlite3.connect("state/directory.db") as db:
        db.execute("ALTER TABLE redirect RENAME TO elsewhere")
    check("an account that is kept wrongly is ErrorCode 602 to Outlook",
          texts(pox(url, "ann@example.test", OUTLOOK)[1], "ErrorCode") == ["602"])
    status, document = pox(url, "ann@example.test", MOBILESYNC)
    check("and Status 2 of its own schema to a phone", status == 200 and texts(document, "Status") == ["2"]
          and not texts(document, "ErrorCode"))
    with sqlite3.connect("state/directory.db") as db:
        db.execute("ALTER TABLE elsewhere RENAME TO redirect")
    check("until it is mended", texts(pox(url, "ann@example.test", MOBILESYNC)[1], "Type") == ["MobileSync"])


def hostile():
    yield "billion laughs", b"<!DOCTYPE a [" + b"".join(
        b"<!ENTITY a%d '%s'>" % (i, b"&a%d;" % (i - 1) * 10 if i else b"ha") for i in range(10)) + b"]><a>&a9;</a>"
    yield "a namespace that every element repeats", b"<a xmlns='" + b"u" * 500 + b"'>" + b"<b/>" * 12000 + b"</a>"
    yield "deep nesting", b"<a>" * 9000 + b"</a>" * 9000
    yield "a wrong charset", b"<?xml version='1.0' encoding='utf-7'?><a/>"
    yield "no XML", bytes(range(256))


def check_hostile(server, url):
    for what, body in hostile():
        with open("body", "wb") as f:
            f.write(body)
        before = server.busy_s()
        status, document = curl("-u", "ann@example.test:secret", "-H", "Content-Type: text/xml", "-H", "Expect:",
                                "--data-binary", "@body", f"{url}/autodiscover/autodiscover.xml")
        check(f"{what} is ErrorCode 600, at once", status == 200 and texts(document, "ErrorCode") == ["600"]
              and server.busy_s() - before < FAST_S)
    with open("body", "wb") as f:
        f.write(b"<a>" + b"x" * (10 << 20) + b"</a>")
    began = time.monotonic()
    done = subprocess.run(["curl", "-sS", "--cacert", "localhost.pem", "-o", "/dev/null", "-w", "%{http_code}",
                           "--expect100-timeout", str(4 * GUARD_S), "--data-binary", "@body", f"{url}/autodiscover/autodiscover.xml"],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    check("10 MB is HTTP 413 by its length, before it is read", done.stdout == "413" and time.monotonic() - began < GUARD_S)


def check_public(url):
    status, document = curl(f"{url}/mail/config-v1.1.xml?emailaddress=ann%40example.test")
    root = ElementTree.fromstring(document)
    check("autoconfig has IMAP and SMTP", status == 200 and root.get("version") == "1.1"
          and root.find(".//incomingServer[@type='imap']/port").text == "993"
          and root.find(".//outgoingServer[@type='smtp']/hostname").text == "mail.example.test")
    for path in "/mail/config-v1.1.xml?emailaddress={}", "/autodiscover/autodiscover.json?Email={}&Protocol=ActiveSync":
        known, unknown = (curl(url + path.format(who)) for who in ("ann%40example.test", "carl%40example.test"))
        check(f"who does not exist gets the same answer at {path.partition('?')[0]}", known == unknown)
    status, document = curl(f"{url}/autodiscover/autodiscover.json/v1.0/ann%40example.test?Protocol=ActiveSync")
    check("v2 names the URL of ActiveSync", status == 200
          and json.loads(document) == {"Protocol": "ActiveSync",
                                       "Url": "https://mail.example.test/Microsoft-Server-ActiveSync"})
    status, document = curl(f"{url}/.well-known/user-agent-configuration.json")
    check("PACC names IMAP and SMTP", json.loads(document)["protocols"] == {"imap": {"host": "mail.example.test"},
                                                                            "smtp": {"host": "mail.example.test"}})


def check_profiles(url):
    for kind, payload in ("activesync", "com.apple.eas.account"), ("mail", "com.apple.mail.managed"):
        status, document = curl(f"{url}/roost.mobileconfig?email=ann%40example.test&kind={kind}")
        with open("profile", "wb") as f:
            f.write(document)
        done = subprocess.run(["openssl", "cms", "-verify", "-inform", "DER", "-in", "profile", "-CAfile", "signer.pem",
                               "-purpose", "any", "-binary"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        check(f"a profile for {kind} is signed by the key of the configuration", status == 200 and done.returncode == 0)
        content = plistlib.loads(done.stdout)["PayloadContent"][0]
        check(f"and holds {payload} without a password", content["PayloadType"] == payload
              and content["EmailAddress"] == "ann@example.test" and not {"Password", "IncomingPassword", "OutgoingPassword"} & content.keys())


def check_redirect(port):
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}",
                           f"http://{REDIRECT_HOST}:{port}/autodiscover/autodiscover.xml?a=%0d%0aX:%20y&b"],
                          stdout=subprocess.PIPE, check=True, text=True)
    check("port 80 sends to HTTPS with 302", done.stdout ==
          "302 https://mail.example.test/autodiscover/autodiscover.xml?a=%0d%0aX:%20y&b")
    done = subprocess.run(["curl", "-sS", "-o", "/dev/null", "-D", "-", "--path-as-is",
                           f"http://{REDIRECT_HOST}:{port}/a%0d%0aSet-Cookie:%20x/%25"], stdout=subprocess.PIPE, check=True)
    check("a path with line ends adds no header", b"\r\nSet-Cookie" not in done.stdout
          and b"Location: https://mail.example.test/a%0D%0ASet-Cookie:%20x/%25\r\n" in done.stdout)


def main():
    here = os.getcwd()
    make_certificate("signer")
    server = Front(http=f"listen_redirect = {REDIRECT_HOST}:0", more=f"""
[autodiscover]
url = https://mail.example.test
imap = mail.example.test:993
imap_starttls = off
submission = mail.example.test:465
submission_starttls = off
pop3 = off
pop3_starttls = off
profile_certificate = {here}/signer.pem
profile_key = {here}/signer.key
""")
    add_account("ann@example.test")
    server.start()
    url = f"https://localhost:{server.tls}"
    with open(".curlrc", "w") as f:
        f.write(f'connect-to = "localhost:{server.tls}:{TLS_HOST}:{server.tls}"\n')
    os.environ["CURL_HOME"] = here
    check_pox(url)
    check_damaged(url)
    check_hostile(server, url)
    check_public(url)
    check_profiles(url)
    check_redirect(server.listening()[REDIRECT_HOST])
    check("it ends with 0", server.stop() == 0)


main()
