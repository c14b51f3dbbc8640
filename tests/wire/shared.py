#!/usr/bin/python3
"""Two people's phones and one calendar: shared, changed, watched and taken back, with roostctl beside a running server."""
import base64
import http.client
import os
import sys
import threading
from xml.etree import ElementTree

sys.path.insert(0, os.environ["ROOST_SOURCE"] + "/tests/support")
import eas_wbxml  # pylint: disable=wrong-import-position
from roostd import HTTP_HOST, Server, add_account, check, ctl  # pylint: disable=wrong-import-position

OWNER, GUEST = "olga@example.test", "gero@example.test"
INVITATION = f"""From: Carla <carla@elsewhere.test>
To: {OWNER}
Subject: Plan
Date: Sat, 5 Jan 2030 10:00:00 +0000
Content-Type: text/calendar; method=REQUEST

BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
UID:plan
DTSTAMP:20300101T000000Z
DTSTART:20300108T090000Z
DTEND:20300108T100000Z
SUMMARY:Plan
ORGANIZER:mailto:carla@elsewhere.test
ATTENDEE;RSVP=TRUE:mailto:{OWNER}
END:VEVENT
END:VCALENDAR
"""
HELD_S = 600  # the longest that an answer may take that comes by itself


class Phone:
    def __init__(self, server, address):
        self.server, self.address, self.keys = server, address, {}

    def ask(self, command, text):
        connection = http.client.HTTPConnection(HTTP_HOST, self.server.http, timeout=HELD_S)
        connection.request("POST", f"/Microsoft-Server-ActiveSync?Cmd={command}&User={self.address}&DeviceId=D{self.address[0]}"
                           "&DeviceType=T", eas_wbxml.encode(ElementTree.fromstring(text)), {
                               "MS-ASProtocolVersion": "14.1", "Content-Type": "application/vnd.ms-sync.wbxml",
                               "Authorization": "Basic " + base64.b64encode(f"{self.address}:secret".encode()).decode()})
        octets = connection.getresponse().read()
        connection.close()
        return eas_wbxml.decode(octets) if octets else None

    def folders(self):
        """Name to id, from the beginning."""
        answer = self.ask("FolderSync", '<FolderSync xmlns="FolderHierarchy"><SyncKey>0</SyncKey></FolderSync>')
        key = answer.findtext("{FolderHierarchy}SyncKey")
        self.ask("FolderSync", f'<FolderSync xmlns="FolderHierarchy"><SyncKey>{key}</SyncKey></FolderSync>')
        return {e.findtext("{FolderHierarchy}DisplayName"): e.findtext("{FolderHierarchy}ServerId")
                for e in answer.iter("{FolderHierarchy}Add")}

    def sync(self, folder, commands="", hold=""):
        key = self.keys.get(folder, "0")
        answer = self.ask("Sync", '<Sync xmlns="AirSync" xmlns:c="Calendar"><Collections><Collection>'
                          f"<SyncKey>{key}</SyncKey><CollectionId>{folder}</CollectionId>{commands}"
                          f"</Collection></Collections>{hold}</Sync>")
        if answer is not None and answer.findtext(".//{AirSync}SyncKey"):
            self.keys[folder] = answer.findtext(".//{AirSync}SyncKey")
        return answer

    def begin(self, folder):
        self.sync(folder)
        return self.sync(folder)


def status(answer):
    return answer.findtext(".//{AirSync}Status") if answer is not None else None


def subjects(answer):
    return [] if answer is None else [e.text for e in answer.iter("{Calendar}Subject")]


def event(name):
    return (f"<Commands><Add><ClientId>{name}</ClientId><ApplicationData><c:StartTime>20300105T090000Z</c:StartTime>"
            f"<c:EndTime>20300105T100000Z</c:EndTime><c:Subject>{name}</c:Subject></ApplicationData></Add></Commands>")


def change(item, name):
    return (f"<Commands><Change><ServerId>{item}</ServerId><ApplicationData><c:Subject>{name}</c:Subject>"
            "<c:StartTime>20300105T090000Z</c:StartTime><c:EndTime>20300105T100000Z</c:EndTime>"
            "</ApplicationData></Change></Commands>")


class Held(threading.Thread):
    """A Sync that waits, on a connection of its own."""

    def __init__(self, phone, folder):
        super().__init__()
        self.phone, self.folder, self.answer = phone, folder, None
        self.start()

    def run(self):
        self.answer = self.phone.sync(self.folder, hold="<HeartbeatInterval>590</HeartbeatInterval>")

    def end(self):
        self.join(HELD_S)
        return self.answer


def delegate_alone(owner, guest):
    """What is left to a delegate: his Inbox alone has the mail, and what he answers there is the owner's answer."""
    ctl("folder", "share", OWNER, "Calendar", GUEST, "--edit", "--meetings", "delegates")
    folders, own = guest.folders(), owner.folders()
    inbox, calendar = folders["Inbox"], folders[f"Calendar ({OWNER})"]
    ctl("deliver", OWNER, given=INVITATION.encode())
    check("a request that is left to a delegate is not in the owner's Inbox", owner.begin(own["Inbox"]) is None)
    check("but in the owner's calendar", "Plan" in subjects(owner.sync(own["Calendar"])))
    mail = guest.begin(inbox).findtext(".//{AirSync}ServerId")
    answer = guest.ask("MeetingResponse", '<MeetingResponse xmlns="MeetingResponse"><Request><UserResponse>1</UserResponse>'
                       f"<CollectionId>{inbox}</CollectionId><RequestId>{mail}</RequestId></Request></MeetingResponse>")
    check("the delegate answers it from the own Inbox", answer.findtext(".//{MeetingResponse}Status") == "1"
          and answer.findtext(".//{MeetingResponse}CalendarId").startswith(calendar + ":"))
    changed = owner.sync(own["Calendar"])
    check("and the owner's phone sees that it is accepted", changed.findtext(".//{Calendar}ResponseType") == "3")


def main():
    server = Server()
    server.start()
    for address in (OWNER, GUEST):
        add_account(address)
    owner, guest = Phone(server, OWNER), Phone(server, GUEST)
    own = owner.folders()["Calendar"]
    owner.begin(own)
    owner.sync(own, event("Lunch"))
    check("nothing of the owner's is among the guest's folders", not any(OWNER in name for name in guest.folders()))

    ctl("folder", "share", OWNER, "Calendar", GUEST)
    shown = guest.folders().get(f"Calendar ({OWNER})")
    check("a shared calendar is a folder of the guest's phone", shown is not None)
    first = guest.begin(shown)
    check("with what is in it", subjects(first) == ["Lunch"])
    item = first.findtext(".//{AirSync}ServerId")
    back = guest.sync(shown, change(item, "Mine"))
    check("who may only look has his change undone", subjects(back) == ["Lunch"])
    check("and the owner hears nothing of it", subjects(owner.sync(own)) == [])

    held = Held(guest, shown)
    owner.sync(own, event("Dinner"))
    check("the guest's waiting phone hears of what the owner's phone adds", subjects(held.end()) == ["Dinner"])

    ctl("folder", "share", OWNER, "Calendar", GUEST, "--edit")
    guest.sync(shown, change(item, "Brunch"))
    guest.sync(shown, event("Visit"))
    check("who may edit does, and the owner's phone hears of it", sorted(subjects(owner.sync(own))) == ["Brunch", "Visit"])

    guest.sync(shown)
    held = Held(guest, shown)
    ctl("folder", "unshare", OWNER, "Calendar", GUEST)
    check("taken back while the guest's phone waits, its Sync says that folders have changed", status(held.end()) == "12")
    check("what was shown is not shown any more", status(guest.sync(shown)) == "12" and f"Calendar ({OWNER})" not in guest.folders())

    delegate_alone(owner, guest)

    ctl("folder", "unshare", OWNER, "Calendar", GUEST)
    ctl("folder", "share", OWNER, "Calendar", GUEST)
    again = guest.folders()[f"Calendar ({OWNER})"]
    check("shared anew, it is another folder, with all of it", again != shown
          and sorted(subjects(guest.begin(again))) == ["Brunch", "Dinner", "Plan", "Visit"])
    server.stop()


main()
