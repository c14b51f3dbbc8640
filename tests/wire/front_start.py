#!/usr/bin/env python3
"""How roostd begins and ends, and what it makes of proxies in front of it."""
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Connection, Front, HEALTHZ, LIMIT_S, until
from roostd import BIN, HTTP_HOST, LMTP_HOST, check

HEADER = b"PROXY TCP4 192.0.2.7 198.51.100.1 50000 443\r\n"
HEADER_2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x21\0\x24" + socket.inet_pton(socket.AF_INET6, "2001:db8::7") + bytes(20)
LOCAL = b"\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"


def failure(text):
    """Starts it with the configuration; its lines if it ends with 1."""
    pathlib.Path("other.conf").write_text(text)
    done = subprocess.run([BIN / "roostd", "-c", "other.conf"], stderr=subprocess.PIPE, text=True)
    sys.stderr.write(done.stderr)
    return done.stderr.splitlines() if done.returncode == 1 else []


def check_failures(server):
    conf = pathlib.Path("roost.conf").read_text()
    state = f"{os.getcwd()}/state"
    os.mkdir("state2")
    free = conf.replace(state, state + "2")
    pathlib.Path("file").write_text("")
    for what, text, said in (
            ("a port in use", free.replace(f"{HTTP_HOST}:0", f"{HTTP_HOST}:{server.http}"),
             f"{HTTP_HOST}:{server.http}: Address already in use"),
            ("a certificate that is not there", free.replace("localhost.pem", "none.pem"), "none.pem: "),
            ("a key of another certificate", free.replace("localhost.key", "other.key"), "other.key: "),
            ("a state_dir that is not there", free.replace(state + "2", state + "3"), "state3/roostd.lock: "),
            ("a state_dir that is a file", free.replace(state + "2", f"{os.getcwd()}/file"), "file/roostd.lock: "),
            ("a state_dir that is in use", conf, "another roostd runs")):
        lines = failure(text)
        check(f"{what} is told in one line, and it ends with 1", len(lines) == 1 and said in lines[0])
    check("the one that runs is not disturbed", server.healthy())


def peer_of(server, path):
    """Whom the log names for a request."""
    line = until(lambda: next((row for row in server.log().splitlines() if f"path={path} " in row), None))
    return line.partition(" peer=")[2].split()[0]


def ask(connection, path, *headers):
    connection.send("\r\n".join((f"GET {path} HTTP/1.1", "Host: x", *headers, "", "")).encode())
    return connection.answer()[0]


def check_proxied(server):
    for name, header, peer in ("v1", HEADER, "192.0.2.7"), ("v2", HEADER_2, "2001:db8::7"), ("local", LOCAL, "127.0.0.1"):
        for kind, connection in ("plain", server.plain(header)), ("TLS", server.secure(first=header)):
            status = ask(connection, f"/{name}/{kind}")
            check(f"the peer behind a proxy is known ({name}, {kind})",
                  status == 404 and peer_of(server, f"/{name}/{kind}") == peer)
    with Connection(LMTP_HOST, server.lmtp, first=HEADER) as mta:
        check("LMTP greets behind the header", mta.line().startswith("220 "))
    with server.plain() as c:
        c.send(HEALTHZ)
        check("a trusted proxy that sends no header is closed", c.ended())
    with server.plain(HEADER) as c:
        check("nobody else's X-Forwarded-For is believed", ask(c, "/spoof", "X-Forwarded-For: 203.0.113.9") == 404
              and peer_of(server, "/spoof") == "192.0.2.7")


def check_forwarded(server):
    with server.plain() as c:
        ask(c, "/forwarded", "X-Forwarded-For: 203.0.113.9, 192.0.2.7")
        check("a reverse proxy's X-Forwarded-For is believed", peer_of(server, "/forwarded") == "192.0.2.7")
    with server.secure() as c:
        ask(c, "/through", "X-Forwarded-For: 192.0.2.7")
        check("but not inside TLS", peer_of(server, "/through") == "127.0.0.1")


def check_load(server):
    """Requests come from four sides until the server goes; each is answered or cut, none wrongly."""
    wrong, begun = [], threading.Semaphore(0)

    def load():
        try:
            while True:
                with server.plain() as c:
                    c.send(HEALTHZ)
                    status = c.answer()[0]
                    begun.release()
                    if status not in (200, 503, 0):
                        wrong.append(status)
        except OSError:
            pass

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(200):
        begun.acquire()
    status, seconds = server.end()
    for thread in threads:
        thread.join()
    check("SIGTERM under load ends it well and in time", status == 0 and seconds < LIMIT_S and not wrong)


def check_second_signal(server):
    server.process.send_signal(signal.SIGTERM)
    server.process.send_signal(signal.SIGTERM)
    status = server.process.wait(LIMIT_S)
    server.drain.wait()
    check("a second SIGTERM does no harm", status in (0, -signal.SIGTERM))


def main():
    server = Front(names=("localhost", "other"))
    server.start()
    check_failures(server)
    check_load(server)
    server.start()
    check_second_signal(server)
    server.start()
    check("the lock of a server that was ended is no obstacle", server.healthy())
    server.stop(signal.SIGKILL)
    server.start()
    check("nor of one that was killed", server.healthy())
    server.stop()

    conf = pathlib.Path("roost.conf")
    plain = conf.read_text()
    conf.write_text(plain.replace("[server]\n", "[server]\ntrusted_proxies = 127.0.0.0/8\n"))
    server.start()
    check_forwarded(server)
    server.stop()
    conf.write_text(plain.replace("[server]\n", "[server]\ntrusted_proxies = 127.0.0.0/8\nproxy_protocol = on\n"))
    server.start()
    check_proxied(server)
    check("it ends well", server.stop() == 0)


main()
