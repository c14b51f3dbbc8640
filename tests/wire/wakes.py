#!/usr/bin/env python3
"""What roostctl writes reaches phones that wait in a running roostd; who is removed waits no longer, others do."""
import json
import os
import pathlib
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from roostd import Phone, Server, add_account, check, ctl

ANN = "ann@example.test"
ENOUGH_S = 60


def ended(process):
    """It ends by itself, and well; it is not this case that makes it."""
    said = process.communicate(timeout=ENOUGH_S)[1]
    sys.stderr.write(said.decode(errors="replace"))
    return process.returncode == 0


def check_edits(pinging, waiting):
    message = json.loads(ctl("message", "list", ANN, "--json"))[0]["id"]
    edits = {"read": [], "flag": [], "unflag": [], "unread": [], "move": ["--folder", "Junk E-mail"]}
    for verb, more in edits.items():
        ping, wait = pinging.start("ping", "--heartbeat", "600"), waiting.start("wait", "--heartbeat", "600")
        ctl("message", verb, ANN, message, *more)
        check(f"message {verb} ends a Ping and a held Sync", ended(ping) and ended(wait))
        pinging.do("sync")
    ping, wait = pinging.start("ping", "--heartbeat", "600"), waiting.start("wait", "--heartbeat", "600")
    ctl("message", "move", ANN, message)
    check("a message that comes back does, too", ended(ping) and ended(wait))
    pinging.do("sync")
    ping, wait = pinging.start("ping", "--heartbeat", "600"), waiting.start("wait", "--heartbeat", "600")
    ctl("message", "delete", ANN, message)
    check("message delete ends a Ping and a held Sync", ended(ping) and ended(wait))
    pinging.do("sync")
    check("both phones have what is left", len(pinging.mails()) == len(waiting.mails()) == 1)


def check_removal(removed, other):
    """Removed before its Ping is held, the phone is told to begin anew; after that, that nothing came: it never waits."""
    gone, stays = removed.start("ping", "--heartbeat", "600", "--once"), other.start("ping", "--heartbeat", "600")
    ctl("device", "remove", ANN, removed.store.name)
    gone.communicate(timeout=ENOUGH_S)
    check("a removed device's Ping ends", True)
    check("another device's does not", stays.poll() is None)
    ctl("deliver", ANN, given=b"Subject: later\n\n")
    check("until something comes", ended(stays))


def main():
    server = Server()
    add_account(ANN)
    for i in range(2):
        ctl("deliver", ANN, given=b"Subject: %d\n\n" % i)
    server.start()
    phones = [Phone(server, ANN, name) for name in ("PINGS", "WAITS")]
    for phone in phones:
        phone.begin()
    check_edits(*phones)
    check_removal(*phones)
    check("the server ends well", server.stop() == 0)


main()
