#!/usr/bin/env python3
"""
memory.py BIN [--requests N] [--holds N] [--cuts N]: what stays of requests, of holds that come and go, and of
connections that are cut. BIN without sanitizers: they keep what is freed.
"""
import argparse
import random
import sys
import threading

import lab
from lab import Closed, request

GROWTH_KB = 4096  # the allocator's arenas fill during the first round, which is not counted


def requests(server, n):
    bodies = [("FolderSync", lab.folder_sync(0)), ("Provision", lab.provision()),
              ("Sync", lab.sync([lab.collection(1, 0)])), ("Sync", lab.sync([lab.collection(1, 99)])), ("Ping", b"\3\1\x6a\0\xff")]

    def some(share):
        with server.connect() as c:
            for i in range(share):
                command, body = bodies[i % len(bodies)]
                c.ask(request(command, body, device=f"MEM{i % 7}"))

    threads = [threading.Thread(target=some, args=(n // 4,)) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()


def holds(server, n):
    """Pings that are held, all ended by their peers."""
    held = []
    for i in range(n):
        who = {"device": f"HOLD{i % 90}", "user": f"u{i // 90}@example.test"}
        c = server.connect()
        c.ask(request("FolderSync", lab.folder_sync(0), **who))  # who never asked for the folders is told to, not held
        c.send(request("Ping", lab.ping([1, 2, 3]), **who))
        held.append(c)
    return held


def until_closed(server, sockets):
    """The server has noticed that its peers have gone; it is asked for something meanwhile, which paces the loop."""
    for _ in range(5000):
        if server.sockets() <= sockets:
            return True
        server.ask("Ping", b"\3\1\x6a\0\xff", device="MEM0")
    return False


def cuts(server, n, rnd):
    octets = request("Sync", lab.sync([lab.collection(1, 0)]), device="CUT")
    for _ in range(n):
        with server.connect(timeout=1) as c:
            c.send(octets[:rnd.randrange(len(octets) + 1)])
            if rnd.randrange(4) == 0:
                try:
                    c.more()
                except Closed:
                    pass


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--requests", type=int, default=10000)
    parser.add_argument("--holds", type=int, default=900)
    parser.add_argument("--cuts", type=int, default=1000)
    args = parser.parse_args()
    server = lab.Server(args.bin)
    server.account("ann")
    for i in range(args.holds // 90 + 1):
        server.account(f"u{i}")
    server.start()
    wrong = []
    try:
        before = server.sockets()
        rows = []
        for name, work in (("requests", lambda: requests(server, args.requests)), ("cuts", lambda: cuts(server, args.cuts, random.Random(1)))):
            for round_n in range(2):
                work()
                rows.append((name, round_n, server.rss_kb(), server.sockets()))
        rows += hold_rounds(server, args.holds)
        for row in rows:
            print("%s round %d: %d KB, %d sockets" % row, flush=True)
        for name in ("requests", "cuts", "holds"):
            sizes = [r[2] for r in rows if r[0] == name]
            if sizes[-1] - sizes[0] > GROWTH_KB:
                wrong.append(f"{name}: grew by {sizes[-1] - sizes[0]} KB")
        if not until_closed(server, before):
            wrong.append(f"sockets: {before} at first, {server.sockets()} in the end")
    except (AssertionError, OSError, Closed) as e:
        wrong.append(repr(e))
    ended = server.end()
    print(*wrong, *ended, sep="\n")
    return 1 if wrong or ended else 0


def hold_rounds(server, n):
    rows = []
    for round_n in range(5):
        rest = server.sockets()
        held = holds(server, n)
        server.ask("Ping", b"\3\1\x6a\0\xff", device="MEM0")
        for c in held:
            c.socket.close()
        until_closed(server, rest)
        rows.append(("holds", round_n, server.rss_kb(), server.sockets()))
    return rows


sys.exit(main())
