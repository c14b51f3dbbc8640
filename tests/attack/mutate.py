#!/usr/bin/env python3
"""
mutate.py BIN [--seed N] [--count N] [--seconds N]: requests of every command, with credentials that are right, damaged
in their document, their query, their headers and their framing. roostd has to answer each in its protocol or close, to
stay whole, and to serve the next; nothing of what is damaged is answered with 500.
"""
import argparse
import base64
import collections
import copy
import gzip
import random
import struct
import sys
import threading
import time

import lab
from lab import AIRSYNC, Closed, encode, request

VERSIONS = ["12.1", "14.0", "14.1", "16.0", "16.1"]
HELD_S = 1  # a damaged request may still be a right one that is held; then it is left there
THREADS = 6
CODES = {"Sync": 0, "FolderSync": 9, "Ping": 18, "Provision": 20, "MoveItems": 5, "GetItemEstimate": 6, "Settings": 17}


class Phone:
    """What the seeds need to be requests that a server takes: keys and ids that are current."""

    def __init__(self, server, device, version):
        self.server, self.device, self.version = server, device, version
        answer = server.ask("FolderSync", lab.folder_sync(0), device=device, version=version).tree()
        self.hierarchy = lab.text_of(answer, lab.FOLDERS, 0x12)
        self.inbox = next(lab.text_of(f, lab.FOLDERS, 8) for f in lab.find(answer, lab.FOLDERS, 0x0F)
                          if lab.text_of(f, lab.FOLDERS, 0x0A) == "2")
        answer = self.sync(lab.collection(self.inbox, 0))
        self.key = lab.text_of(answer, AIRSYNC, 0x0B)
        answer = self.sync(lab.collection(self.inbox, self.key, lab.body_options(2), window=20))
        self.key = lab.text_of(answer, AIRSYNC, 0x0B)
        self.items = [lab.text_of(a, AIRSYNC, 0x0D) for a in lab.find(answer, AIRSYNC, 0x07)]

    def sync(self, collection):
        return self.server.ask("Sync", lab.sync([collection]), device=self.device, version=self.version).tree()

    def seeds(self):
        some = self.items[:4]
        commands = [lab.change_read(some[0], 1), lab.change_flag(some[1], 2), lab.fetch(some[2]), lab.delete("1:999999")]
        yield "FolderSync", lab.folder_sync(0)
        yield "FolderSync", lab.folder_sync(self.hierarchy)
        yield "Provision", lab.provision()
        yield "Provision", lab.provision(1234567)
        yield "Ping", lab.ping([self.inbox, 3, 4])
        yield "Ping", b""
        yield "Sync", b""
        yield "MoveItems", lab.move(some, self.inbox, 3)
        yield "GetItemEstimate", lab.estimate(self.inbox, self.key)
        yield "Settings", lab.settings()
        yield "Sync", lab.sync([lab.collection(self.inbox, 0)])
        yield "Sync", lab.sync([lab.collection(self.inbox, self.key, lab.body_options(2, 5, 512), window=5)])
        yield "Sync", lab.sync([lab.collection(self.inbox, self.key, lab.body_options(4), commands)])
        yield "Sync", lab.sync([lab.collection(self.inbox, self.key, lab.body_options(1)), lab.collection(3, 0)], 60)


def damage_octets(rnd, octets):
    b = bytearray(octets)
    for _ in range(rnd.choice((1, 1, 1, 2, 4, 16))):
        if not b:
            return bytes(rnd.randbytes(5))
        at, kind = rnd.randrange(len(b)), rnd.randrange(8)
        if kind == 0:
            b[at] ^= 1 << rnd.randrange(8)
        elif kind == 1:
            b[at] = rnd.choice((0, 1, 2, 3, 4, 0x40, 0x43, 0x44, 0x7F, 0x80, 0x83, 0xC3, 0xFF))
        elif kind == 2:
            del b[at:]
        elif kind == 3:
            b[at:at] = b[at:at + rnd.randrange(1, 64)] * rnd.choice((1, 2, 50, 3000))
        elif kind == 4:
            del b[at:at + rnd.randrange(1, 8)]
        elif kind == 5:
            b[at:at] = b"\xc3" + lab.multibyte(rnd.choice((0, 1, 127, 128, 65536, 2**31, 2**32 - 1, 2**32, 2**63)))
        elif kind == 6:
            b[at:at] = rnd.randbytes(rnd.randrange(1, 16))
        else:
            b[at:at] = bytes((0, rnd.randrange(30)))
    return bytes(b)


def elements_of(root):
    if isinstance(root[2], list):
        yield root
        for child in root[2]:
            yield from elements_of(child)


TEXTS = ["", "0", "-1", "1", "2", "99999999999999999999", "18446744073709551616", "4294967296", "0x10", " 1", "1 ", "1:",
         ":1", "1:1:1", "RI", "é", "x" * 65, "9" * 5000, "%s%n", "../../etc/passwd", "1\n2", "\x7f", "true"]


def damage_tree(rnd, root):
    def thaw(e):
        return [e[0], e[1], [thaw(c) for c in e[2]] if isinstance(e[2], list) else e[2]]

    root = thaw(root)
    for _ in range(rnd.choice((1, 1, 2, 3))):
        parent = rnd.choice(list(elements_of(root)))
        kids, kind = parent[2], rnd.randrange(9)
        if not kids:
            kids.append([AIRSYNC, rnd.randrange(5, 0x3F), None])
            continue
        at = rnd.randrange(len(kids))
        child = kids[at]
        if kind == 0:
            rnd.shuffle(kids)
        elif kind == 1:
            kids.extend(copy.deepcopy(child) for _ in range(rnd.choice((1, 2, 200, 2000))))
        elif kind == 2:
            del kids[at]
        elif kind in (3, 4):
            child[2] = rnd.choice((rnd.choice(TEXTS), rnd.choice(TEXTS), rnd.randbytes(9), None, []))
        elif kind == 5:
            child[1] = rnd.randrange(5, 0x3F)
        elif kind == 6:
            child[0] = rnd.randrange(0, 26)
        elif kind == 7:
            child[2] = [copy.deepcopy(root)]
        else:
            for _ in range(rnd.choice((3, 40, 400))):
                kids[at] = [child[0], child[1], [kids[at]]]
            break
    return encode(root)



def query_plain(rnd, phone, command):
    pairs = [["Cmd", command], ["User", "ann@example.test"], ["DeviceId", phone.device], ["DeviceType", "phone"]]
    for _ in range(rnd.choice((1, 1, 2))):
        pair = rnd.choice(pairs)
        kind = rnd.randrange(7)
        if kind == 0:
            pair[1] = rnd.choice(("", "%", "%0", "%00", "%zz", "a" * 64, "a" * 65, "a" * 3000, "%ff%fe", "a%0d%0ab", "é"))
        elif kind == 1:
            pairs.append(list(pair))
        elif kind == 2:
            pair[0] = rnd.choice(("", "X" * 500, pair[0].upper(), "SaveInSent", "ItemId", "LongId", "Occurrence"))
        elif kind == 3:
            rnd.shuffle(pairs)
        elif kind == 4:
            pairs.remove(pair)
            if not pairs:
                return rnd.choice(("", "&", "=", "&&&=", "?"))
        elif kind == 5:
            pairs.extend([[f"p{i}", "v"] for i in range(rnd.choice((5, 150)))])
        else:
            pair[1] = pair[1][:rnd.randrange(len(pair[1]) + 1)]
    return "&".join("=".join(p) for p in pairs).replace(" ", "")


def query_base64(rnd, phone, command):
    device = rnd.choice((b"ATTACK", rnd.randbytes(16), b"A", b"x" * 64, b"x" * 65, b""))
    kind = rnd.choice((b"phone", b"", b"x" * 255, rnd.randbytes(8)))
    octets = struct.pack("BBH", int(float(phone.version) * 10), rnd.choice((CODES[command], 0, 99, 255)), 0x409)
    octets += bytes((len(device),)) + device + rnd.choice((b"\0", b"\4" + rnd.randbytes(4), b"\3abc"))
    octets += bytes((len(kind),)) + kind + rnd.choice((b"", b"\7\1\2", b"\x08\x10ann@example.test", b"\xff\xff", b"\7"))
    if rnd.randrange(2):
        octets = damage_octets(rnd, octets)
    text = base64.b64encode(octets).decode()
    return rnd.choice((text, text.rstrip("="), text.replace("+", "%2B").replace("/", "%2F"), text + "=", text[:-1]))


HEADERS = [
    {"X-Long": "x" * 3000}, {"X-Long": "x" * 200000}, {f"X-{i}": "y" for i in range(300)}, {"Content-Type": "text/html"},
    {"Content-Type": ""}, {"Content-Type": None}, {"Content-Type": ";;;=,"}, {"User-Agent": None}, {"User-Agent": "x" * 2000},
    {"User-Agent": "\xff\xfe\x01"}, {"User-Agent": "a\0b"}, {"X-A\0B": "c"}, {"X-Cr": "a\rb"}, {"X-Lf": "a\nContent-Length: 0"},
    {"Authorization": None}, {"Authorization": "Basic"}, {"Authorization": "Basic !!!!"}, {"Authorization": "Basic Og=="},
    {"Authorization": "Basic " + "A" * 20000}, {"Authorization": "Bearer x"}, {"Host": None}, {"Host": "x" * 5000},
    {"MS-ASProtocolVersion": None}, {"MS-ASProtocolVersion": "14.1, 16.1"}, {"MS-ASProtocolVersion": "9" * 400},
    {"X-MS-PolicyKey": "99999999999999999999"}, {"X-MS-PolicyKey": "-1"}, {"Accept-Encoding": "gzip" * 400},
    {"Accept-Encoding": "gzip;q=0, *"}, {"Expect": "100-continue"}, {"Expect": "nonsense"}, {"Connection": "close"},
    {"Connection": "Upgrade", "Upgrade": "websocket"}, {"Transfer-Encoding": "chunked"}, {"Content-Length": "-1"},
    {"Transfer-Encoding": "identity, chunked"}, {"Content-Length": "99999999999999999999999"}, {"Content-Length": "0x10"},
    {"Content-Length": "+5"}, {"Content-Length": None}, {"Content-Length": 3}, {"Content-Length": "7\r\nContent-Length: 9"},
    {"Content-Length": str(2**63)}, {"Content-Length": 100000000}, {"Content-Encoding": "gzip"}, {"Content-Encoding": "br"},
    {"Content-Encoding": "gzip, gzip"}, {"Cookie": "a=b; " * 500}, {" Folded": "x"}, {"X-Fold": "a\r\n b"}, {"": "x"},
]
LINES = ["GET", "HEAD", "PUT", "OPTIONS", "post", "TRACE", "CONNECT", "P" * 9000, "", "PRI", "\x16\x03\x01"]


def chunked_lies(rnd, octets):
    head, _, body = octets.partition(b"\r\n\r\n")
    head = b"\r\n".join(line for line in head.split(b"\r\n") if not line.startswith(b"Content-Length"))
    size = rnd.choice((b"%x" % len(body), b"0", b"FFFFFFFFFFFFFFFFF", b"-1", b"zz", b"%x" % (len(body) + 5), b"%x;x=y" % len(body),
                       b"%x;" % len(body) + b"e" * 9000, b"000000000000000000%x" % len(body)))
    return head + b"\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + body + \
        rnd.choice((b"\r\n0\r\n\r\n", b"0\r\n\r\n", b"\r\n0\r\nContent-Length: 5\r\nX: " + b"t" * 900 + b"\r\n\r\n", b""))


def gzipped(rnd, octets):
    packed = gzip.compress(rnd.choice((octets, octets * 3, b"\0" * 3_000_000, b"")))
    return rnd.choice((packed, damage_octets(rnd, packed), packed[:-4], packed + b"behind", packed + packed))


def damaged(rnd, phone, command, tree):
    """What is sent, and what was done to it."""
    octets = tree if isinstance(tree, bytes) else encode(tree)
    about = {"device": phone.device, "version": phone.version}
    kind = rnd.randrange(12)
    if kind < 4:
        return "octets", request(command, damage_octets(rnd, octets), **about)
    if kind < 7 and not isinstance(tree, bytes):
        return "elements", request(command, damage_tree(rnd, tree), **about)
    if kind == 7:
        make = rnd.choice((query_plain, query_base64))
        return make.__name__, request(command, octets, query=make(rnd, phone, command), **about)
    if kind == 8:
        return "headers", request(command, octets, headers=rnd.choice(HEADERS), **about)
    if kind == 9:
        return "chunks", chunked_lies(rnd, request(command, octets, **about))
    if kind == 10:
        return "gzip", request(command, gzipped(rnd, octets), headers={"Content-Encoding": "gzip"}, **about)
    sent = request(command, octets, **about)
    if rnd.randrange(2):
        return "line", sent.replace(b"POST", rnd.choice(LINES).encode("latin-1"), 1)
    return "raw", damage_octets(rnd, sent)


def answer_of(connection, sent):
    """The answer, or None where the server closed or holds the request."""
    try:
        connection.send(sent)
    except OSError:
        return None  # refused while it was coming in; what it said about that is not lost on us but on most clients
    try:
        return connection.answer()
    except (Closed, OSError):
        return None


def wrong_with(answer, what):
    if answer.status >= 500 and answer.status not in (501, 503):
        return f"{what}: HTTP {answer.status}"
    if answer.status == 200 and answer.body and answer.headers.get("content-encoding") != "gzip" and \
            "wbxml" in answer.headers.get("content-type", ""):
        try:
            lab.decode(answer.body)
        except (IndexError, ValueError) as e:
            return f"{what}: the answer is no document ({e!r})"
    return None


def attack_by(server, args, thread, counts, wrong):
    rnd = random.Random(args.seed * 1000 + thread)
    phones = [Phone(server, f"ATTACK{thread}V{v.replace('.', '')}", v) for v in VERSIONS]
    until = time.monotonic() + args.seconds
    for number in range(args.count // THREADS):
        if time.monotonic() > until or not server.alive():
            break
        phone = rnd.choice(phones)
        what, sent = damaged(rnd, phone, *rnd.choice(list(phone.seeds())))
        try:
            with server.connect(timeout=HELD_S) as c:
                answer = answer_of(c, sent)
        except OSError:
            continue  # told below, if the server has gone
        counts.append((what, answer and answer.status))
        if answer and (said := wrong_with(answer, what)):
            wrong.append(f"{thread}.{number}: {said}\n{sent[:2000]!r}\n{answer.body[:300]!r}")
    if server.alive() and not all(p.sync(lab.collection(p.inbox, 0)) for p in phones):
        wrong.append("afterwards somebody is not served")


def attack(server, args):
    counts, wrong = [], []
    threads = [threading.Thread(target=attack_by, args=(server, args, i, counts, wrong)) for i in range(THREADS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for (what, status), n in sorted(collections.Counter(counts).items(), key=str):
        print(what, status or "closed or held", n)
    return wrong


def main():
    sys.setrecursionlimit(20000)  # elements are nested deeply on purpose
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=3000)
    parser.add_argument("--seconds", type=int, default=60)
    args = parser.parse_args()
    server = lab.Server(args.bin)
    server.account("ann")
    server.ctl("import", "ann@example.test", lab.SAMPLES)
    server.start()
    try:
        wrong = attack(server, args)
    finally:
        ended = server.end()
    print(*wrong[:20], *ended, sep="\n")
    return 1 if wrong or ended else 0


sys.exit(main())
