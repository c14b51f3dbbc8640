#!/usr/bin/env python3
"""Groups and rooms: made with roostctl, written to with swaks by who is logged in and by LMTP, and what each member gets."""
import json
import os
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import ANN, BOB, CA, SMTP, Desk, run, until
from roostd import BIN, LMTP_HOST, add_account, check, ctl

EVE = "eve@example.test"


def listed(*words):
    return json.loads(ctl(*words, "--json"))


def fails(status, *words):
    done = subprocess.run([BIN / "roostctl", "-c", "roost.conf", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    sys.stderr.write(f"{' '.join(words)}: {done.returncode} {done.stderr.decode()}")
    return done.returncode == status and done.stderr.startswith(b"roostctl: ") and b"\n" == done.stderr[-1:]


def subjects(address):
    return sorted(m["subject"] for m in listed("message", "list", address))


def check_commands():
    ctl("group", "add", "Sales@example.test", "--name", "Sales department")
    ctl("group", "add", "all@example.test")
    ctl("group", "member", "add", "sales@example.test", BOB, EVE)
    ctl("group", "member", "add", "all@example.test", "sales@example.test", ANN, BOB)
    check("groups are listed", [(g["address"], g["members"], g["senders"], g["name"]) for g in listed("group", "list")]
          == [("Sales@example.test", 2, "accounts", "Sales department"), ("all@example.test", 3, "accounts", "")])
    check("group show lists the members", [(m["address"], m["kind"]) for m in listed("group", "show", "all@example.test")]
          == [("Sales@example.test", "group"), (ANN, "account"), (BOB, "account")])
    for why, status, words in (
            ("its address is an account's", 1, ("group", "add", ANN)),
            ("it is there", 1, ("group", "add", "SALES@example.test")),
            ("its domain is none of ours", 1, ("group", "add", "x@far.test")),
            ("it is no address", 1, ("group", "add", "sales")),
            ("it would be in itself", 1, ("group", "member", "add", "sales@example.test", "all@example.test")),
            ("there is no such group", 1, ("group", "show", "x@example.test")),
            ("he is not in it", 1, ("group", "member", "remove", "sales@example.test", ANN)),
            ("no such senders", 2, ("group", "set", "sales@example.test", "senders", "friends")),
            ("no such field", 2, ("group", "set", "sales@example.test", "colour", "red")),
            ("an alias is a group's address", 1, ("account", "alias", "add", ANN, "sales@example.test")),
            ("an account is a group's address", 1, ("account", "add", "all@example.test", "--no-password")),
            ("a capacity is a number", 2, ("room", "add", "blue@example.test", "many")),
            ("a room is no person", 2, ("room", "add", "blue@example.test", "--type", "person")),
            ("a room's address is a group's", 1, ("room", "add", "all@example.test"))):
        check(f"refused, with a word: {why}", fails(status, *words))
    ctl("room", "add", "blue@example.test", "12", "--name", "Blue room")
    ctl("room", "add", "beamer@example.test", "--type", "equipment")
    check("rooms are listed", [(r["address"], r["kind"], r["capacity"], r["name"]) for r in listed("room", "list")]
          == [("blue@example.test", "room", "12", "Blue room"), ("beamer@example.test", "equipment", "", "")])
    ctl("room", "set", "blue@example.test", "office", "2nd floor")
    check("a room has what the address book tells", listed("room", "show", "blue@example.test")[0]["office"] == "2nd floor")
    check("a room answers by itself who has an account", ctl("room", "answers", "blue@example.test").strip() == b"accounts")
    ctl("room", "answers", "blue@example.test", "nobody")
    check("or nobody", ctl("room", "answers", "blue@example.test").strip() == b"nobody")
    check("a person answers himself", fails(1, "room", "answers", ANN, "anyone")
          and fails(2, "room", "answers", "blue@example.test", "everyone"))
    ctl("room", "remove", "beamer@example.test", "--yes")
    check("a room goes", len(listed("room", "list")) == 1)


def submit(server, to, subject):
    status, _ = run("swaks", "--server", f"{SMTP}:{server.ports[SMTP]}", "--tls", "--tls-ca-path", CA, "--tls-verify",
                    "--auth", "PLAIN", "--auth-user", ANN, "--auth-password", "secret", "--from", ANN, "--to", to,
                    "--header", f"To: {to}", "--header", f"Subject: {subject}")
    return status == 0


def by_lmtp(server, to, subject, sender="joe@far.test"):
    _, said = run("swaks", "--protocol", "LMTP", "--server", f"{LMTP_HOST}:{server.lmtp}", "--from", sender, "--to", to,
                  "--header", f"To: {to}", "--header", f"Subject: {subject}")
    return said.decode(errors="replace")


def check_mail(server):
    check("swaks sends to a group", submit(server, "all@example.test", "to all"))
    check("each of its people gets it once", until(lambda: all(subjects(a) == ["to all"] for a in (ANN, BOB, EVE))))
    check("a group takes no mail of strangers", "550 5.7.1" in by_lmtp(server, "all@example.test", "no")
          and "550 5.7.1" in by_lmtp(server, "all@example.test", "no", ANN))
    ctl("group", "set", "sales@example.test", "senders", "anyone")
    check("one that anyone may write to does", "250 2.0.0" in by_lmtp(server, "sales@example.test", "from outside"))
    check("and its people get it", until(lambda: all(subjects(a) == ["from outside", "to all"] for a in (BOB, EVE))))
    ctl("group", "member", "add", "sales@example.test", "carol@far.test")
    check("not with people elsewhere, whom it could not be passed on to",
          "550 5.7.1" in by_lmtp(server, "sales@example.test", "no"))
    ctl("group", "member", "remove", "sales@example.test", "carol@far.test")
    ctl("group", "set", "sales@example.test", "senders", "members")
    check("swaks sends to a group that the sender is not in", submit(server, "sales@example.test", "closed"))
    check("and the sender is told that it takes no mail of his", until(
        lambda: any(s.startswith("Undelivered") for s in subjects(ANN))) and "closed" not in subjects(BOB))
    status, _ = run("swaks", "--server", f"{SMTP}:{server.ports[SMTP]}", "--tls", "--auth", "PLAIN", "--auth-user",
                    "sales@example.test", "--auth-password", "secret", "--from", ANN, "--to", BOB)
    check("nobody logs in as a group", status != 0)
    ctl("group", "remove", "sales@example.test")
    check("what is removed leaves the groups that it is in", "sales@example.test" not in [
        m["address"].lower() for m in listed("group", "show", "all@example.test")])
    check("and is nobody", "550 5.1.1" in by_lmtp(server, "sales@example.test", "no"))


def main():
    server = Desk()
    server.start()
    for address in ANN, BOB, EVE:
        add_account(address)
    check_commands()
    check_mail(server)
    check("the server ends well", server.stop() == 0)


main()
