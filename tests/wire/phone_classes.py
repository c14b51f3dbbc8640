#!/usr/bin/env python3
"""roost-phone with a calendar, contacts, tasks and notes: what is imported comes to it in every version."""
import os
import sys

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/support")
from roostd import Phone, Server, add_account, check, ctl  # noqa: E402

ANN = "ann@example.test"
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


def main():
    server = Server()
    add_account(ANN)
    fill()
    server.start()
    for version in "12.1", "14.0", "14.1", "16.0", "16.1":
        reads(server, version)
    check("roostd ends", server.stop() == 0)


if __name__ == "__main__":
    main()
