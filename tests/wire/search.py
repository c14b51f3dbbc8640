#!/usr/bin/env python3
"""Search from a phone, as bytes over HTTP: while mail comes in, after kill -9 in the middle of indexing, and with an index
that is damaged, removed, or made anew by the administrator meanwhile."""
import base64
import http.client
import os
import pathlib
import random
import re
import signal
import sys
import threading

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/support")
# pylint: disable=wrong-import-position
from roostd import HTTP_HOST, Server, check, ctl, run

ANN = "ann@example.test"
INDEX = pathlib.Path("state/mailbox/1/search.db")
QUERY = """<?xml version="1.0" encoding="utf-8"?>
<Search xmlns="Search"><Store><Name>{store}</Name><Query>{query}</Query>
<Options><Range>0-9</Range></Options></Store></Search>"""


def ask(server, store, query):
    """The answer as XML."""
    body = run("wbxmlcat", "--encode", given=QUERY.format(store=store, query=query).encode())
    connection = http.client.HTTPConnection(HTTP_HOST, server.http, timeout=120)
    connection.request("POST", "/Microsoft-Server-ActiveSync?Cmd=Search&User=ann&DeviceId=black&DeviceType=box", body, {
        "Authorization": "Basic " + base64.b64encode(f"{ANN}:secret".encode()).decode(),
        "Content-Type": "application/vnd.ms-sync.wbxml", "MS-ASProtocolVersion": "14.1"})
    answer = connection.getresponse()
    octets = answer.read()
    connection.close()
    if answer.status != 200:
        raise AssertionError(f"HTTP {answer.status}")
    return run("wbxmlcat", given=octets).decode()


def total(server, words):
    """How many mails are found; -1 where the search says that it failed."""
    answer = ask(server, "Mailbox", f"<And><FreeText>{words}</FreeText></And>")
    found = re.search(r"<Total>(\d+)</Total>", answer)
    if not found:
        print(answer, file=sys.stderr)
    return int(found[1]) if found else -1


def deliver(number, words):
    mail = f"From: bob@example.org\r\nSubject: mail {number}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n"
    ctl("deliver", ANN, given=mail.encode())


def fill(first, count):
    """An mbox, imported: many mails of many words, every tenth with a rare one."""
    pick = random.Random(first)
    words = ["".join(pick.choices("abcdefghijklmnop", k=7)) for _ in range(300)]
    text = "".join(f"From x@example.org Thu Jan  1 00:00:00 2026\nSubject: bulk {n}\n\n{' '.join(pick.choices(words, k=200))}"
                   f" common{' rare' if n % 10 == 0 else ''}\n\n" for n in range(first, first + count))
    pathlib.Path("bulk").write_text(text)
    ctl("import", ANN, "bulk")


def log():
    return pathlib.Path("roostd.log").read_text(errors="replace")


def searches_and_deliveries(server):
    """Both at once; what is delivered is found at once."""
    missing = []

    def work(name):
        for i in range(5):
            deliver(f"{name}{i}", f"word{name}x{i}end")
            if total(server, f"word{name}x{i}end") != 1:
                missing.append(f"{name}{i}")
    threads = [threading.Thread(target=work, args=(name,)) for name in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return not missing


def killed_while_it_indexes(server):
    """kill -9 at several moments of the first search of many mails; then the search is right."""
    fill(0, 1500)
    for delay in 0.05, 0.2, 0.5:
        timer = threading.Timer(delay, server.process.kill)
        timer.start()
        try:
            total(server, "common")
        except (OSError, http.client.HTTPException):
            pass
        timer.cancel()
        server.stop(signal.SIGKILL)
        server.start()
    return total(server, "common") == 1500 and total(server, "rare") == 150


def damaged(server, offset, octets):
    server.stop()
    with open(INDEX, "r+b") as index:
        index.seek(offset)
        index.write(os.urandom(octets))
    server.start()
    return total(server, "rare") == 150


server = Server()
ctl("account", "add", ANN, "--name", "Ann Bee", "--password-stdin", given=b"secret\n")
server.start()
deliver(1, "At noon in the caf\u00e9, \u4f1a\u8b70")
check("a mail is found by a part of a word, without case and accents",
      total(server, "NOON") == 1 and total(server, "cafe") == 1 and total(server, "oo") == 1)
check("by one or two Chinese characters", total(server, "\u4f1a\u8b70") == 1 and total(server, "\u8b70") == 1)
check("and not by what it has not", total(server, "moon") == 0 and total(server, "\u732b") == 0)
check("a person is found by name", "<DisplayName" not in ask(server, "GAL", "nobody") and
      "Ann Bee" in ask(server, "GAL", "bee"))
check("what is delivered while others search is found at once", searches_and_deliveries(server))
check("after kill -9 in the middle of indexing all is found", killed_while_it_indexes(server))
check("an index that is no database any more is made anew", damaged(server, 0, 4096))
check("one with damaged pages is made anew", damaged(server, 4096, 100_000))
check("and the log says so", "event=search_index" in log())
server.stop()
INDEX.unlink()
server.start()
check("one that is gone is made anew", total(server, "rare") == 150)
ctl("search", "rebuild", ANN)
check("an administrator can make it anew beside the server", total(server, "rare") == 150)
check("the server ends as it should", server.stop() == 0)
