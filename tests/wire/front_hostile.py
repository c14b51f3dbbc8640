#!/usr/bin/env python3
"""Clients that mean ill or cannot do better: floods, dribble, bombs, old HTTP; within bounds of time and memory."""
import os
import resource
import socket
import sys
import zlib

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Account, Front, HEALTHZ, SANITIZED, TLS_HOST, until
from roostd import HTTP_HOST, check

DESCRIPTORS = resource.getrlimit(resource.RLIMIT_NOFILE)[1]  # as many as may be had, whatever the shell allows
FLOOD = min(1000, DESCRIPTORS // 8)
MEMORY_KB = 64 * 1024  # what a flood may add


def check_flood(server):
    before = server.memory()
    silent = [socket.create_connection((HTTP_HOST, server.http)) for _ in range(FLOOD)]
    begun = [socket.create_connection((TLS_HOST, server.tls)) for _ in range(FLOOD)]
    for s in begun:
        s.sendall(b"\x16\x03\x01\x02\x00\x01\x00")  # the first octets of a ClientHello
    dribble = [socket.create_connection((HTTP_HOST, server.http)) for _ in range(FLOOD)]
    for s in dribble:
        s.sendall(b"POST /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: x\r\nContent-Length: 1000")
    check(f"{3 * FLOOD} half-open connections keep nobody out", server.healthy() and server.secure())
    added = server.memory() - before
    check(f"and cost less than {MEMORY_KB} kB", SANITIZED or added < MEMORY_KB)
    descriptors = server.descriptors()
    for s in silent + begun + dribble:
        s.close()
    until(lambda: server.descriptors() <= descriptors - 3 * FLOOD)
    check("their descriptors come back", True)


def check_dribble(server):
    account = Account("dribble")
    request = account.request("FolderSync", "dribble", b"\x03\x01\x6a\x00\x00\x07\x56\x52\x030\x00\x01\x01")
    with server.plain() as c:
        c.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for octet in request:
            c.send(bytes([octet]))
        check("a request that comes an octet at a time is answered", c.answer()[0] == 200)


def check_heads(server):
    line = b"X-Long: " + b"x" * 1000 + b"\r\n"
    for what, head, status in (("a header of 31 KB is read", line * 30, 200), ("one of 64 KB is refused", line * 64, 431)):
        with server.plain() as c:
            c.try_send(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n")
            check(what, c.answer()[0] == status)
    with server.plain() as c:
        c.try_send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nX-Endless: ")
        for _ in range(64):
            c.try_send(b"x" * 65536)
        check("one without an end is refused", c.answer()[0] in (431, 0))


def check_http10(server):
    with server.plain() as c:
        c.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        check("HTTP/1.0 is answered, and the connection ended", c.answer()[0] == 200 and c.ended())
    account = Account("old")
    with server.plain() as c:
        account.begin(c, "old")
        c.send(account.ping("old").replace(b"HTTP/1.1", b"HTTP/1.0"))
        waiting = server.healthy() and c.silent()
        account.deliver()
        check("a Ping of HTTP/1.0 is held, answered, and the connection ended",
              waiting and c.answer()[0] == 200 and c.ended())


def check_bombs(server):
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(256)) + packer.flush()
    account = Account("bomb")
    before = server.memory("VmHWM")
    statuses = []
    for i in range(8):
        with server.plain() as c:
            c.try_send(account.request("Sync", f"bomb{i}", bomb, "Content-Encoding: gzip"))
            statuses.append(c.answer()[0])
    check("gzip that unpacks to 256 MB is refused", set(statuses) == {413})
    check("and never there whole", SANITIZED or server.memory("VmHWM") - before < MEMORY_KB)
    with server.plain() as c:
        c.try_send(account.head("Sync", "large", "Content-Length: 1000000000000"))
        check("a body of 1 TB is refused by its length", c.answer()[0] == 413)


def check_descriptors(server):
    limit = server.descriptors() + 40
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (limit, resource.prlimit(
        server.process.pid, resource.RLIMIT_NOFILE)[1]))
    crowd = [server.plain() for _ in range(80)]
    until(lambda: "pause_ms" in server.log())
    refused = [c for c in crowd if not c.silent()]
    until(lambda: [c for c in crowd if not c.silent()])
    check("without descriptors who comes is told so in words",
          all(c.answer()[0] in (503, 0) for c in refused) and server.process.poll() is None)
    for c in crowd:
        c.close()
    until(lambda: server.descriptors() < limit - 30)
    check("and when some are free again it serves again", until(server.healthy))


def check_ceiling():
    """At the budget of a low limit."""
    os.mkdir("low")
    os.chdir("low")
    server = Front()
    server.start("prlimit", "--nofile=330:330")
    connections = int(server.log().partition(" connections=")[2].split()[0])
    crowd = [server.plain() for _ in range(connections)]
    for c in crowd:
        c.send(HEALTHZ)
    check(f"with 330 descriptors {connections} connections are served",
          all(c.answer()[0] == 200 for c in crowd))
    with server.plain() as one_more:
        status, headers, _ = one_more.answer()
        check("one more is told to come back", status == 503 and "retry-after" in headers)
    for c in crowd:
        c.close()
    check("when they have gone it serves again", until(server.healthy))
    check("it ends well", server.end()[0] == 0)


def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    server = Front(http="max_body = 1M")
    server.start()
    server.healthy()
    check_flood(server)
    check_dribble(server)
    check_heads(server)
    check_http10(server)
    check_bombs(server)
    check_descriptors(server)
    check("after all of it it ends well", server.end()[0] == 0)
    check_ceiling()


main()
