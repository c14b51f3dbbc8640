#!/usr/bin/env python3
"""Held requests and what a network does to them: certificates that change, pipelining, chunks, peers that leave."""
import os
import signal
import socket
import ssl
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Account, Front, HEALTHZ, LIMIT_S, PING_CHANGES, certificate_of, make_certificate, until
from roostd import check

PHONES = 100
OTHER = "other.example.test"


def held(server, account, n):
    """n phones whose Pings wait."""
    phones = [server.secure() for _ in range(n)]
    for i, phone in enumerate(phones):
        account.begin(phone, f"held{i}")
        phone.send(account.ping(f"held{i}"))
    return phones


def check_certificates(server, phones):
    check("a name gets its own certificate", server.secure(OTHER).certificate() == certificate_of(OTHER))
    for name in "localhost", "unknown.example.test", "":
        check(f"the name '{name}' gets the first certificate",
              server.secure(name).certificate() == certificate_of("localhost"))

    make_certificate("localhost")
    server.process.send_signal(signal.SIGHUP)
    until(lambda: server.secure().certificate() == certificate_of("localhost"))
    check("SIGHUP gives new connections the new certificate", True)
    make_certificate(OTHER)
    until(lambda: server.secure(OTHER).certificate() == certificate_of(OTHER))
    check("a file that has changed is read without being told", True)

    with open("localhost.pem", "w") as broken:
        broken.write("nonsense\n")
    server.process.send_signal(signal.SIGHUP)
    until(lambda: "kept=former" in server.log())
    check("a certificate that cannot be read leaves the former in place", server.healthy() and server.secure())
    make_certificate("localhost")
    check(f"{PHONES} phones held through all of it", all(phone.silent() for phone in phones))


def check_woken(account, phones):
    account.deliver()
    answers = [phone.answer() for phone in phones]
    check(f"one mail answers all {PHONES}",
          all(status == 200 and PING_CHANGES in body for status, _, body in answers))


def check_chunked(server):
    account = Account("chunked")
    with server.plain() as phone:
        account.begin(phone, "chunked")
        phone.send(account.ping_chunked("chunked"))
        silent = server.healthy() and phone.silent()
        account.deliver()
        status, _, body = phone.answer()
        check("a chunked Ping is held and woken", silent and status == 200 and PING_CHANGES in body)
        phone.send(HEALTHZ)
        check("and its connection serves on", phone.answer()[0] == 200)


def check_pipelined(server):
    for name, secure in ("plain", False), ("TLS", True):
        account = Account(f"pipelined{name}")
        with server.secure() if secure else server.plain() as phone:
            account.begin(phone, "pipelined")
            phone.send(HEALTHZ + account.ping("pipelined") + HEALTHZ)
            first = phone.answer()[0]
            account.deliver()
            _, _, body = phone.answer()
            check(f"requests around a hold are answered in their order ({name})",
                  first == 200 and PING_CHANGES in body and phone.answer()[2] == b"ok\n")


def check_gone(server):
    phones = held(server, Account("gone"), 10)
    before = server.descriptors()
    for phone in phones[:5]:
        try:
            phone.socket.unwrap()  # close_notify, to which nobody answers
        except ssl.SSLError:
            pass
        phone.close()
    for phone in phones[5:]:
        raw = socket.socket(fileno=phone.socket.detach())
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
        raw.close()  # a reset
    until(lambda: server.descriptors() <= before - len(phones))
    check("phones that leave while they are held are noticed at once", True)


def check_stop(server):
    phones = held(server, Account("stop"), PHONES)
    status, seconds = server.end()
    answers = [phone.answer()[0] for phone in phones]
    # Those whose request came with the signal are told to come back.
    check("SIGTERM answers every phone, in time", status == 0 and seconds < LIMIT_S and {200} <= set(answers) <= {200, 503})


def main():
    server = Front(names=("localhost", OTHER))
    account = Account("ann")
    server.start()
    phones = held(server, account, PHONES)
    check_certificates(server, phones)
    check_woken(account, phones)
    for phone in phones:
        phone.close()
    check_chunked(server)
    check_pipelined(server)
    check_gone(server)
    check_stop(server)


main()
