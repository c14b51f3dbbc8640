#!/usr/bin/python3
"""kill -9 around an invitation that the server sends for a phone: it goes out once, with or without a repeat of the request."""
import base64
import http.client
import json
import os
import pathlib
import re
import sys
import threading

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/crash")
from instance import PASSWORD, Failure, Site  # pylint: disable=wrong-import-position

ANN, BOB, ROOM = "ann@example.test", "bob@example.test", "blue@example.test"
PATIENCE_S = 60
# Killed there, the change is committed; the phone asks again only to see that nothing goes twice.
BEHIND = ["send.outbox.before", "send.queue.before", "send.queue.after", "send.outbox.after", "outbound.deliver.before",
          "outbound.deliver.after"]
moment = threading.Event()  # never set: waiting for it lets a moment pass


def tell(ok, sentence):
    print(f"{'ok' if ok else 'not ok'} {sentence}", flush=True)


def text(token, value):
    return bytes([token, 3]) + value.encode() + b"\0\1"


def ask(site, command, body):
    """The octets of the answer; None where the server went away."""
    login = base64.b64encode(f"{ANN}:{PASSWORD}".encode()).decode()
    try:
        c = http.client.HTTPConnection("127.0.0.1", site.port, timeout=PATIENCE_S)
        c.request("POST", f"/Microsoft-Server-ActiveSync?Cmd={command}&User=ann&DeviceId=D1&DeviceType=T",
                  b"\x03\x01\x6a\x00" + body, {"Authorization": f"Basic {login}", "MS-ASProtocolVersion": "16.1",
                                               "Content-Type": "application/vnd.ms-sync.wbxml"})
        answer = c.getresponse()
        octets = answer.read()
        if answer.status != 200:
            raise Failure(f"{command}: HTTP {answer.status}")
        return octets
    except (ConnectionError, http.client.HTTPException, TimeoutError):
        return None


def sync(site, folder, key, commands=b""):
    return ask(site, "Sync", b"\x45\x5c\x4f" + text(0x4b, key) + text(0x52, folder) + commands + b"\1\1\1")


def key_of(answer, before=None):
    """SyncKey: token 0x4b, an inline string; an empty answer leaves it as it is."""
    return re.search(rb"\x4b\x03(\d+)\x00", answer).group(1).decode() if answer else before


def begin(site, folder):
    key = key_of(sync(site, folder, "0"))
    return key_of(sync(site, folder, key), key)


def calendar_of(site):
    answer = ask(site, "FolderSync", b"\x00\x07\x56" + text(0x52, "0") + b"\1")
    return re.search(rb"\x48\x03(\d+)\x00\x01\x49\x03\d+\x00\x01\x47\x03Calendar\x00", answer).group(1).decode()


def invitation(name, whom=BOB):
    """An event with an attendee: StartTime, EndTime, Subject, Attendees."""
    attendee = b"\x47\x48" + text(0x49, whom) + text(0x4a, "Bob") + b"\1\1"
    event = text(0x67, "20300716T100000Z") + text(0x52, "20300716T110000Z") + text(0x66, name) + attendee
    return b"\x56\x47" + text(0x4c, name[-30:]) + b"\x5d\x00\x04" + event + b"\x00\x00\1\1\1"


def count(site, name, whose=BOB):
    return sum(m["subject"] == name for m in site.messages(whose, "Inbox"))


def is_delivered(site, name, whose=BOB):
    for _ in range(PATIENCE_S * 10):
        if not json.loads(site.must_ctl("queue", "list", "--json")) and count(site, name, whose):
            return True
        moment.wait(0.1)
    return False


def kill_at(site, folder, key, step):
    """The next key; None where the build has no fault points."""
    if not site.start(fault=step):
        raise Failure("roostd does not start")
    answer = sync(site, folder, key, invitation(step))
    if site.died(20 if answer is None or step.startswith("outbound") else 5) is None:
        site.stop()
        if step == BEHIND[0]:
            return None
        tell(False, f"an invitation passes {step}")
        return key
    if not site.start():
        raise Failure("roostd does not start after a kill")
    alone = is_delivered(site, step)
    again = sync(site, folder, key, invitation(step))
    done = is_delivered(site, step) and count(site, step) == 1
    if not (alone and done and again):
        print(step, alone, done, again, count(site, step), file=sys.stderr)
    tell(alone and done and bool(again), f"killed at {step}, an invitation goes out once, also where the phone asks again")
    site.stop()
    return key_of(again, key)


def room_answers(site, folder, key):
    """Killed when the invitation is in the room's mailbox, and before the room has answered it."""
    step = "outbound.deliver.stored"
    site.must_ctl("room", "add", ROOM)
    site.start(fault=step)
    first = sync(site, folder, key, invitation("Room", ROOM))
    died = site.died(20) is not None
    site.start()
    came = is_delivered(site, "Accepted: Room", ANN)
    tell(died and came and count(site, "Accepted: Room", ANN) == 1,
         f"killed at {step}, a room answers what it had not answered, once")
    site.stop()
    return key_of(first, key)


def main():
    site = Site(pathlib.Path("site").absolute(), os.environ["ROOST_BIN"])
    for address in (ANN, BOB):
        site.add_account(address)
    site.start()
    folder = calendar_of(site)
    key = begin(site, folder)
    first = sync(site, folder, key, invitation("Lunch"))
    tell(is_delivered(site, "Lunch") and count(site, "Lunch") == 1 and bool(first),
         "an event with an attendee that a phone makes is an invitation in the other's Inbox")
    site.stop()
    key = key_of(first)
    for step in BEHIND:
        key = kill_at(site, folder, key, step)
        if key is None:
            print("skip kills the programs have no fault points")
            return
    room_answers(site, folder, key)
    tell(site.start() and all(count(site, step) == 1 for step in BEHIND), "and in the end each is there once")
    site.stop()


main()
