#!/usr/bin/env python3
"""roost-phone with a calendar, contacts, tasks and notes: what is imported comes to it in every version; a meeting is made on
one phone and accepted on another."""
import os
import sys

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/support")
from front import until  # noqa: E402
from roostd import Phone, Server, add_account, check, ctl, run  # noqa: E402

ANN, BOB = "ann@example.test", "bob@example.test"
ITEMS = {"Calendar": b"BEGIN:VEVENT\nUID:e1\nDTSTAMP:20300101T000000Z\nDTSTART:20300716T100000Z\nDTEND:20300716T110000Z\n"
                     b"SUMMARY:Dentist\nLOCATION:Here\nDESCRIPTION:Bring the card.\nEND:VEVENT\n",
         "Tasks": b"BEGIN:VTODO\nUID:t1\nDTSTAMP:20300101T000000Z\nDUE;VALUE=DATE:20300801\nSUMMARY:Taxes\nEND:VTODO\n",
         "Notes": b"BEGIN:VJOURNAL\nUID:n1\nDTSTAMP:20300101T000000Z\nSUMMARY:Shelf\nDESCRIPTION:80 x 30\nEND:VJOURNAL\n"}
CONTACT = b"BEGIN:VCARD\nVERSION:3.0\nFN:Cleo Sample\nN:Sample;Cleo;;;\nEMAIL:cleo@far.test\nBDAY:1980-02-29\nEND:VCARD\n"
SHOWN = {"calendar": b"20300716T100000Z  20300716T110000Z  Dentist  busy", "contacts": b"cleo@far.test",
         "tasks": b"Taxes  no", "notes": b"Shelf"}


def put(folder, name, octets):
    with open(name, "wb") as file:
        file.write(octets.replace(b"\n", b"\r\n"))
    ctl("import", ANN, "--folder", folder, name)


def fill():
    for folder, component in ITEMS.items():
        put(folder, folder + ".ics",
            b"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y\n" + component + b"END:VCALENDAR\n")
    put("Contacts", "contact.vcf", CONTACT)


def reads(server, version):
    """The phone fails on whatever the version or the class does not have."""
    phone = Phone(server, ANN, "P" + version.replace(".", ""))
    phone.words += ["--version", version]
    for command in "provision", "folders":
        phone.do(command)
    shown = SHOWN if version > "14" else {key: SHOWN[key] for key in SHOWN if key != "notes"}
    for name, line in shown.items():
        phone.do("sync", "--class", name)
        check(f"{version}: {name}: the estimate is that there is no more", b": 0\n" in phone.do("estimate", "--class", name))
        check(f"{version}: {name} are listed", line in phone.do("list"))
    check(f"{version}: the text is in the item's file", any(
        b"Subject: Dentist\n" in text and b"Bring the card." in text
        for text in (path.read_bytes() for path in phone.store.rglob("*.txt"))))
    check(f"{version}: nothing is new the second time", all(
        b": +0 ~0 -0 soft -0, " in line for line in phone.do("sync", "--class", "any").splitlines()))


def listed(phone, folder):
    """ServerId to the line that tells of the item."""
    return dict(line.split(b"\t", 2)[::2] for line in phone.do("list", "--folder", folder).splitlines())


def until_listed(phone, folder, part):
    """The one item whose line has that, when it has come: each Ping ends with a change, and is told of all until then."""
    while True:
        phone.do("sync", "--class", "any")
        found = [(i, line) for i, line in listed(phone, folder).items() if part in line]
        if found:
            return found[0]
        phone.do("ping", "--class", "any")


def fresh(server, address, name):
    phone = Phone(server, address, name)
    for words in ("provision",), ("folders",), ("sync", "--class", "any"):
        phone.do(*words)
    return phone


def meeting(server):
    anns, bobs = fresh(server, ANN, "ANNS"), fresh(server, BOB, "BOBS")
    words = "event", "20300717T100000Z", "20300717T110000Z", "Lunch", BOB
    anns.do(*words, "--cut", "after")
    anns.do(*words)
    lines = [line for line in listed(anns, "Calendar").values() if b"Lunch" in line]
    check("an event whose answer was lost is there once", len(lines) == 1 and BOB.encode() in lines[0])

    event, line = until_listed(bobs, "Calendar", b"Lunch")
    check("who is invited is pushed a tentative event", b"tentative" in line and ANN.encode() in line)
    until(lambda: bobs.do("sync") and bobs.mails())
    mail = next(iter(listed(bobs, "Inbox"))).decode()
    said = bobs.do("accept", mail)
    check("the invitation is answered", said == b"answered, event " + event + b"\n")
    event, line = until_listed(bobs, "Calendar", b"  busy")
    check("the event is busy now", b"Lunch" in line)
    _, line = until_listed(anns, "Calendar", b"(accepted)")
    check("the organizer's phone is told who comes", b"Lunch" in line and BOB.encode() in line)
    check("once", sum(b"Lunch" in other for other in listed(anns, "Calendar").values()) == 1)


def misuse(server):
    phone = Phone(server, ANN, "OLD")
    phone.words += ["--version", "14.1"]
    for words in ("provision",), ("folders",), ("sync", "--class", "calendar"):
        phone.do(*words)
    times = "20300718T100000Z", "20300718T110000Z"
    phone.do("event", *times, "Alone")
    check("before 16.0 an event has no attendees", run("roost-phone", *phone.words, "event", *times, "A", BOB, status=1) == b"")
    check("an event ends behind its start", run("roost-phone", *phone.words, "event", *times[::-1], "A", status=1) == b"")
    _, line = until_listed(Phone(server, ANN, "ANNS"), "Calendar", b"Alone")
    check("an event of an older phone comes to a newer one", line.startswith(times[0].encode()))


def main():
    server = Server()
    add_account(ANN)
    add_account(BOB)
    fill()
    server.start()
    for version in "12.1", "14.0", "14.1", "16.0", "16.1":
        reads(server, version)
    meeting(server)
    misuse(server)
    check("roostd ends", server.stop() == 0)


if __name__ == "__main__":
    main()
