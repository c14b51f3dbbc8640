#!/usr/bin/env python3
"""What roostctl asks of the running server: sessions and ending them, its state, top, reload, drain; completion."""
import collections
import imaplib
import json
import os
import pathlib
import re
import socket
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Front, certificate_of, make_certificate, until
from roostd import BIN, Phone, add_account, check, ctl, run

IMAP_HOST = "127.0.0.6"


def sessions(protocol="http"):
    return [s for s in json.loads(ctl("session", "list", "--json")) if s["protocol"] == protocol]


def held(account):
    return [s for s in sessions() if s["account"] == account and "cmd=Ping" in s["what"]]


def pings(server):
    """Answered ones, by account."""
    return collections.Counter(m[1] for m in re.finditer(r"event=request .*user=(\S+) .*cmd=Ping .*status=200", server.log()))


def check_sessions(server):
    phones = {address: Phone(server, address, address[:3].upper()) for address in ("ann@example.test", "bob@example.test")}
    for phone in phones.values():
        phone.begin()
    waiting = {address: phone.start("ping", "--heartbeat", "300") for address, phone in phones.items()}
    until(lambda: all(held(address) for address in phones))
    check("a phone that waits is listed with its account", len(held("ann@example.test")) == 1)
    check("who asks is listed too", any(s["peer"] == "unix" for s in sessions("control")))
    check("top shows it in one picture", b"ann@example.test" in ctl("top", "--once")
          and b"cmd=Ping" in ctl("top"))
    answered = pings(server)
    ctl("session", "kick", "ann@example.test")
    until(lambda: pings(server)["ann@example.test"] > answered["ann@example.test"])
    check("a held request of the account is answered, and nobody else's",
          pings(server)["bob@example.test"] == answered["bob@example.test"])
    until(lambda: held("bob@example.test"))
    ctl("session", "kick", held("bob@example.test")[0]["id"])
    check("a session is cut by its number", waiting["bob@example.test"].wait() != 0)
    waiting["ann@example.test"].kill()
    waiting["ann@example.test"].wait()
    for process in waiting.values():
        process.stderr.close()
    run("roostctl", "-c", "roost.conf", "session", "kick", "nobody@example.test", status=1)
    check("a kick without anybody is wrong use", subprocess.run(
        [BIN / "roostctl", "-c", "roost.conf", "session", "kick"], stderr=subprocess.DEVNULL).returncode == 2)


def check_imap(server):
    """A desktop's session: seen, and cut when its password is another."""
    desk = socket.create_connection((IMAP_HOST, server.listening()[IMAP_HOST]), timeout=60)
    lines = desk.makefile("rb")
    lines.readline()
    for line in b"a login ann@example.test secret\r\n", b"b select inbox\r\n":
        desk.sendall(line)
        while not lines.readline().startswith(line[:2]):
            pass
    desk.sendall(b"c idle\r\n")
    lines.readline()
    check("a session of IMAP is listed with its account and command", [(s["account"], s["what"]) for s in sessions("imap")]
          == [("ann@example.test", "IDLE")])
    ctl("account", "passwd", "ann@example.test", "--password-stdin", given=b"secret\n")
    check("and ends when the password is set", until(lambda: not sessions("imap")) and lines.read() is not None)
    desk.close()


def check_renewed(server):
    """A mailbox that was restored: programs and phones begin anew, and nothing of it is lost."""
    def desk():
        client = imaplib.IMAP4(IMAP_HOST, server.listening()[IMAP_HOST])
        client.login("ann@example.test", "secret")
        client.select("INBOX")
        return client, int(client.untagged_responses["UIDVALIDITY"][0])

    def all_of(client):
        return client.uid("FETCH", "1:*", "(RFC822.SIZE)")[1]

    phone = Phone(server, "ann@example.test", "NEW")
    phone.begin()
    client, before = desk()
    client.append("INBOX", None, None, b"Subject: kept\r\n\r\ntext\r\n")
    client.noop()
    held = all_of(client)
    phone.do("sync")
    ctl("account", "renew-uids", "ann@example.test")
    check("a desktop's session ends with its UIDVALIDITY", until(lambda: not sessions("imap")))
    client.shutdown()
    client, after = desk()
    check("a restored mailbox has another one, greater, and its mails", after > before and all_of(client) == held)
    client.logout()
    known = subprocess.run([BIN / "roost-phone", *phone.words, "sync"], stderr=subprocess.DEVNULL)
    phone.do("folders", "--resync")
    phone.do("sync", "--resync")
    check("its phones are told to begin anew, and hold each mail once", known.returncode != 0 and len(phone.mails()) == len(held))
    run("roostctl", "-c", "roost.conf", "account", "renew-uids", "nobody@example.test", status=1)


STRANGER = 65534


def check_stranger(server):
    """A socket that somebody opened to all is still nobody's but root's and the server's."""
    sentence = "who is neither root nor the server is not heard, though he may connect"
    if os.geteuid() != 0:
        print("skip control-stranger it takes root to be somebody else")
        return
    state = pathlib.Path("state").resolve()
    for folder in state, pathlib.Path.cwd():
        folder.chmod(0o711)
    (state / "roostd.sock").chmod(0o666)
    said = subprocess.run([sys.executable, "-c", """
import os, socket, sys
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
s = socket.socket(socket.AF_UNIX); s.settimeout(60); s.connect(sys.argv[1])
print("connected", flush=True)
try:
    s.sendall(b"sessions\\ndrain\\n")
    print(s.recv(4096))
except (BrokenPipeError, ConnectionResetError):
    print(b"")
""", state / "roostd.sock", str(STRANGER)], stdout=subprocess.PIPE, text=True, check=False).stdout.split("\n")
    check(sentence, said[:2] == ["connected", "b''"] and server.process.poll() is None)
    check("root is", json.loads(ctl("server", "status", "--json"))[0]["connections"] >= 1)


def check_server(server):
    status = json.loads(ctl("server", "status", "--json"))[0]
    check("the server tells how long it runs and what it did", status["requests"] > 0 and status["uptime_s"] >= 0
          and status["connections"] >= 1)
    before = certificate_of("localhost")
    make_certificate("localhost")
    ctl("server", "reload")
    with server.secure() as c:
        check("a reload takes the new certificate", c.certificate() == certificate_of("localhost") != before)
    with open("localhost.pem", "w") as f:
        f.write("broken")
    run("roostctl", "-c", "roost.conf", "server", "reload", status=1)
    check("a reload that fails says so and changes nothing", server.healthy())


def check_drain(server):
    phone = Phone(server, "ann@example.test", "DRN")
    phone.begin()
    waiting = phone.start("ping", "--heartbeat", "300")
    until(lambda: held("ann@example.test"))
    answered = pings(server)["ann@example.test"]
    ctl("server", "drain")
    check("a drain ends the server with 0", server.process.wait() == 0)
    server.drain.wait()
    check("and what was held has been answered", pings(server)["ann@example.test"] == answered + 1)
    waiting.wait()
    waiting.stderr.close()
    for words in ("session", "list"), ("session", "kick", "1"), ("server", "status"), ("top", "--once"), ("server", "drain"):
        done = subprocess.run([BIN / "roostctl", "-c", "roost.conf", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        check(f"without a server '{' '.join(words)}' says so", done.returncode == 1 and not done.stdout
              and b"roostd does not run" in done.stderr)


def complete(*words):
    """What bash offers for the last word."""
    script = f""". <({BIN}/roostctl completion bash)
COMP_WORDS=(roostctl {' '.join(f"'{w}'" for w in words)}); COMP_CWORD={len(words)}; _roostctl; printf '%s\\n' "${{COMPREPLY[@]}}" """
    return subprocess.run(["bash", "-c", script], stdout=subprocess.PIPE, check=True, text=True).stdout.split()


def check_completion():
    check("the shell completes first words", {"account", "session", "top"} <= set(complete("")))
    check("and second ones", {"add", "list", "alias"} <= set(complete("account", "")))
    check("and third ones", complete("account", "alias", "a") == ["add"])
    check("and options", complete("session", "list", "--") == ["--json"])
    check("past the configuration", complete("-c", "roost.conf", "sess") == ["session"])
    check("an unknown shell is wrong use", subprocess.run([BIN / "roostctl", "completion", "fish"],
                                                          stderr=subprocess.DEVNULL).returncode == 2)


def main():
    server = Front(server="default_domain = example.test",
                   more=f"[imap]\nlisten = {IMAP_HOST}:0\nplain_login = on")
    for address in "ann@example.test", "bob@example.test":
        add_account(address)
    server.start()
    check_completion()
    check_sessions(server)
    check_imap(server)
    check_renewed(server)
    check_stranger(server)
    check_server(server)
    check_drain(server)


main()
