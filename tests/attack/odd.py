#!/usr/bin/env python3
"""odd.py BIN: phones that are not as phones should be, each told of by a sentence; what they get is fixed here."""
import base64
import socket
import struct
import sys

import lab
from lab import AIRSYNC, Closed, encode, request

WRONG = []


def check(sentence, holds, said=""):
    print("ok" if holds else "not ok", sentence, "" if holds else said, flush=True)
    if not holds:
        WRONG.append(sentence)


def status_of(answer, page=AIRSYNC, token=0x0E):
    return lab.text_of(answer.tree(), page, token) if answer.body else None


def first_key(server, device, folder=1, **more):
    answer = server.ask("Sync", lab.sync([lab.collection(folder, 0)]), device=device, **more)
    return lab.text_of(answer.tree(), AIRSYNC, 0x0B)


def identities(server):
    ask = lambda **more: server.ask("FolderSync", lab.folder_sync(0), **more)
    common = lambda a: lab.text_of(a.tree(), lab.FOLDERS, 0x0C)
    check("a phone without User-Agent is served", common(ask(headers={"User-Agent": None})) == "1")
    check("a device id of one character is served", common(ask(device="X")) == "1")
    check("one of 64 is served", common(ask(device="X" * 64)) == "1")
    check("one of 65 is 108", common(ask(device="X" * 65)) == "108")
    check("an empty device id is 108", common(ask(device="")) == "108")
    check("an odd device type is served", common(ask(kind="a.b+c-(d)!")) == "1")
    check("an empty device type is 109", common(ask(kind="")) == "109")
    check("a query of another user is served as who logs in", common(ask(query="Cmd=FolderSync&User=bob&DeviceId=Q&DeviceType=p")) == "1")
    check("and stays with who logs in", server.ctl("device", "list", "bob@example.test", "--json").stdout.strip() == b"[]")
    with server.connect() as c:
        octets = request("FolderSync", lab.folder_sync(0)).replace(b"/Microsoft-Server-ActiveSync", b"/MICROSOFT-server-activesync")
        check("the path is known in any case", c.ask(octets).status == 200)
    with server.connect() as c:
        answer = c.ask(request("FolderSync", lab.folder_sync(0)).replace(b"HTTP/1.1", b"HTTP/1.0"))
        try:
            c.more()
            closed = False
        except Closed:
            closed = True
        check("HTTP/1.0 is served and closed", answer.status == 200 and closed)
    with server.connect() as c:
        answer = c.ask(request("FolderSync", lab.folder_sync(0), headers={"Connection": "close"}))
        try:
            c.more()
            closed = False
        except Closed:
            closed = True
        check("without keep-alive it is served and closed", answer.status == 200 and closed)
    octets = struct.pack("BBH", 141, 9, 0x409) + b"\x10" + bytes(range(16)) + b"\0" + b"\5phone"
    with server.connect() as c:
        answer = c.ask(request("FolderSync", lab.folder_sync(0), query=base64.b64encode(octets).decode()))
        check("a device id of sixteen octets is served", answer.status == 200 and common(answer) == "1")


def versions(server):
    key = first_key(server, "VERSIONS", version="12.1")
    for version in ("16.1", "12.1", "14.0", "16.0", "14.1"):
        answer = server.ask("Sync", lab.sync([lab.collection(1, key, lab.body_options(1), window=3)]), device="VERSIONS",
                            version=version)
        key = lab.text_of(answer.tree(), AIRSYNC, 0x0B)
        if answer.status != 200 or status_of(answer) != "1":
            break
    check("the version may change between requests", answer.status == 200 and status_of(answer) == "1", answer.body)


def keys(server):
    got = [first_key(server, "AGAIN") for _ in range(5)]
    check("key 0 repeated gives the same key", len(set(got)) == 1, got)
    pages = []
    for _ in range(2):
        answer = server.ask("Sync", lab.sync([lab.collection(1, got[0], lab.body_options(1), window=5)]), device="AGAIN")
        pages.append(answer.body)
    items = [[lab.text_of(a, AIRSYNC, 0x0D) for a in lab.find(lab.decode(p), AIRSYNC, 0x07)] for p in pages]
    check("a key repeated gives the same mails", items[0] == items[1] and len(items[0]) == 5, items)
    key = lab.text_of(lab.decode(pages[1]), AIRSYNC, 0x0B)
    twin = [server.ask("Sync", lab.sync([lab.collection(1, key, lab.body_options(1), window=5)]), device="AGAIN") for _ in (1, 2)]
    check("two phones with one device id are one phone", [status_of(t) for t in twin] == ["1", "1"])
    foreign = server.ask("Sync", lab.sync([lab.collection(1, got[0])]), device="AGAIN")
    check("and who lags behind begins anew", status_of(foreign) in ("1", "3"), foreign.body)


def many(server):
    body = lab.sync([lab.collection(1000 + i, "7") for i in range(300)])
    answer = server.ask("Sync", body, device="MANY")
    check("300 collections that are not there have each a status", len(list(lab.find(answer.tree(), AIRSYNC, 0x0F))) == 300)
    for n, wanted in ((1000, "1"), (1001, "15")):
        answer = server.ask("Sync", lab.sync([lab.collection(1000 + i, "7") for i in range(n)]), device="MANY")
        tree = answer.tree()
        top = next((e[2].decode() for e in tree[2] if e[:2] == (AIRSYNC, 0x0E)), "1")
        check(f"{n} collections: status {wanted}", top == wanted, top)
    key = first_key(server, "COMMANDS")
    key = lab.text_of(server.ask("Sync", lab.sync([lab.collection(1, key, window=1)]), device="COMMANDS").tree(), AIRSYNC, 0x0B)
    for n, wanted in ((200, 200), (201, 0)):
        commands = [lab.change_read(f"1:{900000 + i}", 1) for i in range(n)]
        answer = server.ask("Sync", lab.sync([lab.collection(1, key, (), commands, changes="0")]), device="COMMANDS")
        said = [lab.text_of(c, AIRSYNC, 0x0E) for r in lab.find(answer.tree(), AIRSYNC, 0x06) for c in r[2]]
        check(f"{n} commands for items that are not there: {wanted} answers of 8", said == ["8"] * wanted, said[:5])
        key = lab.text_of(answer.tree(), AIRSYNC, 0x0B, key)
    for n, wanted in ((300, None), (301, "6")):
        with server.connect(timeout=1) as c:
            try:
                answer = c.ask(request("Ping", lab.ping(range(1, n + 1)), device=f"PINGS{n}"))
                got = status_of(answer, lab.PING, 7)
            except Closed:
                got = None
        check(f"a Ping of {n} folders: {wanted or 'held or 7'}", got in ((None, "7") if wanted is None else (wanted,)), got)
    for seconds, wanted in ((0, "5"), (59, "5"), (60, None), (3540, None), (3541, "5"), (2**40, "5")):
        with server.connect(timeout=1) as c:
            server.ask("FolderSync", lab.folder_sync(0), device=f"BEAT{seconds}")
            try:
                got = status_of(c.ask(request("Ping", lab.ping([1], seconds), device=f"BEAT{seconds}")), lab.PING, 7)
            except Closed:
                got = None
        check(f"a heartbeat of {seconds} s: {wanted or 'held'}", got == wanted or (got == "7" and not wanted), got)


def window_of_one(server, mails):
    with server.connect() as c:
        key, got, steps = first_key(server, "WINDOW"), set(), 0
        while steps < mails + 10:
            answer = c.ask(request("Sync", lab.sync([lab.collection(1, key, lab.body_options(1, None, 10), window=1)]), device="WINDOW"))
            if not answer.body:
                break
            tree = answer.tree()
            key = lab.text_of(tree, AIRSYNC, 0x0B)
            added = [lab.text_of(a, AIRSYNC, 0x0D) for a in lab.find(tree, AIRSYNC, 0x07)]
            if len(added) > 1 or set(added) & got:
                break
            got.update(added)
            steps += 1
    check(f"a window of one goes through {mails} mails, each once", len(got) == mails, (len(got), steps))


def tricks(server):
    """Bytes that come in pieces, behind one another, or not at all."""
    octets = request("FolderSync", lab.folder_sync(0))
    with server.connect() as c:
        for i in range(0, len(octets), 7):
            c.send(octets[i:i + 7])
        check("a request in pieces of seven octets is answered", c.answer().status == 200)
    with server.connect() as c:
        c.send(octets * 20)
        check("twenty requests at once are answered in turn", [c.answer().status for _ in range(20)] == [200] * 20)
    with server.connect() as c:
        c.send(octets * 3)
        c.socket.shutdown(socket.SHUT_WR)
        check("also where the phone then closes its side", [c.answer().status for _ in range(3)] == [200] * 3)
    with server.connect() as c:
        c.send(request("Ping", lab.ping([1]), device="PIPED") + octets)
        try:
            check("a request behind a Ping waits or is answered after it", c.answer().status == 200)
        except Closed as e:
            check("a request behind a Ping waits or is answered after it", "imed out" in repr(e), e)


def main():
    server = lab.Server(sys.argv[1])
    for name in ("ann", "bob"):
        server.account(name)
    mails = 1000
    maildir = server.folder / "md"
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True)
    for i in range(mails):
        (maildir / "cur" / f"{1514764800 + i}.M{i}P1.h:2,").write_bytes(f"Subject: {i}\n\nbody {i}\n".encode())
    server.ctl("import", "ann@example.test", maildir)
    server.start()
    for test in (identities, versions, keys, many, tricks):
        test(server)
    window_of_one(server, mails)
    for said in server.end():
        check("the server stays whole", False, said)
    return 1 if WRONG else 0


sys.exit(main())
