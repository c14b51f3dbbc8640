"""
Those who work while the server is killed: phones with calendars, contacts, tasks, notes and texts, by requests that are
written by hand; who is invited; an MTA that writes to a group. What got no answer is asked again, octet by octet, or given up.
"""
import base64
import collections
import datetime
import http.client
import pathlib
import re
import sys
import threading
from xml.etree import ElementTree
from xml.sax.saxutils import escape

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

import eas_wbxml  # noqa: E402  pylint: disable=wrong-import-position
import lmtp  # noqa: E402
from entry_journal import GONE  # noqa: E402
from instance import PASSWORD, Failure  # noqa: E402

PATIENCE_S = 120
LARGE = 300_000  # above what lies in a table
NAMES = re.compile(r"v\d+ T(\d+)\.")
SPACES = ('xmlns="AirSync" xmlns:b="AirSyncBase" xmlns:c="Calendar" xmlns:k="Contacts" xmlns:t="Tasks" xmlns:n="Notes" '
          'xmlns:e="Email"')
SYNC, BASE, FOLDERS = "{AirSync}", "{AirSyncBase}", "{FolderHierarchy}"
TITLES = ["{Calendar}Subject", "{Tasks}Subject", "{Notes}Subject"]
CONFLICT, GONE_THERE = "7", "8"  # MS-ASCMD 2.2.3.177.17


class Gone(Exception):
    """The server went away before the answer."""


def octets_of(words, n):
    line = f"{words} lies here ".encode()
    return (line * (n // len(line) + 1))[:n]


# ---- what is written ----

def attachment(name, content):
    return (f"<b:Add><b:ClientId>{name}</b:ClientId><b:Method>1</b:Method><b:Content>{base64.b64encode(content).decode()}"
            f"</b:Content><b:DisplayName>{name}</b:DisplayName></b:Add>")


def body(words):
    return f"<b:Body><b:Type>1</b:Type><b:Data>{words} is the text</b:Data></b:Body>"


def event(words, files, guest):
    """Each at a time of its own, so that whoever is invited has to answer each change."""
    start = datetime.datetime(2030, 7, 1) + datetime.timedelta(hours=int(words[1:].split()[0]))
    end = start + datetime.timedelta(hours=1)
    return (f"<c:StartTime>{start:%Y%m%dT%H%M%SZ}</c:StartTime><c:EndTime>{end:%Y%m%dT%H%M%SZ}</c:EndTime>"
            f"<c:Subject>{words}</c:Subject>{body(words)}"
            + (f"<c:Attendees><c:Attendee><c:Email>{guest}</c:Email><c:Name>Guest</c:Name></c:Attendee></c:Attendees>"
               if guest else "")
            + ("<b:Attachments>" + "".join(attachment(f, octets_of(f, size_of(f))) for f in files) + "</b:Attachments>"
               if files else ""))


def size_of(name):
    """Of the attachment of that name: some lie in a file of their own."""
    return LARGE if name.startswith("large") else 2000


def picture(words):
    return base64.b64encode(octets_of(words, 9000)).decode()


def contact(words, *_):
    first, last = words.split()
    return (f"<k:FirstName>{first}</k:FirstName><k:LastName>{last}</k:LastName>{body(words)}"
            f"<k:Picture>{picture(words)}</k:Picture>")


def task(words, *_):
    return f"<t:Subject>{words}</t:Subject>{body(words)}<t:Complete>0</t:Complete>"


def memo(words, *_):
    return f"<n:Subject>{words}</n:Subject>{body(words)}"


def text_message(words, *_):
    return ("<e:To>[MOBILE:+15550199]</e:To><e:From>[MOBILE:+15550100]</e:From>"
            f"<e:DateReceived>2030-07-01T10:00:00.000Z</e:DateReceived><e:Read>0</e:Read>{body(words)}")


WRITERS = {"Calendar": event, "Contacts": contact, "Tasks": task, "Notes": memo, "Inbox": text_message}


# ---- what is shown ----

def words_of(data):
    """The name of an entry in what a phone is shown of it: "v7 T3."; None: a mail."""
    for title in TITLES:
        if data.findtext(title):
            return data.findtext(title)
    if data.findtext("{Contacts}LastName"):
        return f"{data.findtext('{Contacts}FirstName')} {data.findtext('{Contacts}LastName')}"
    found = NAMES.match(data.findtext(f".//{BASE}Data") or "")
    return found[0] if found and data.find("{Email}From") is not None else None


class Device:
    """What a phone knows, and asks. One thread."""

    def __init__(self, site, address, name):
        self.site, self.address, self.name = site, address, name
        self.keys, self.folders = {}, {}
        self.held = collections.defaultdict(dict)  # folder -> ServerId -> ApplicationData as it was told
        self.words = collections.defaultdict(dict)  # folder -> ServerId -> words; None: a mail

    def post(self, command, octets):
        login = base64.b64encode(f"{self.address}:{PASSWORD}".encode()).decode()
        try:
            c = http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE_S)
            c.request("POST", f"/Microsoft-Server-ActiveSync?Cmd={command}&User={self.address}&DeviceId={self.name}"
                      "&DeviceType=T", octets, {"Authorization": f"Basic {login}", "MS-ASProtocolVersion": "16.1",
                                                "Content-Type": "application/vnd.ms-sync.wbxml"})
            answer = c.getresponse()
            told = answer.read()
            c.close()
        except (OSError, http.client.HTTPException) as e:
            raise Gone(str(e)) from e
        if answer.status == 503:
            raise Gone("503")
        if answer.status != 200:
            raise Failure(f"{self.name}: {command}: HTTP {answer.status}")
        return eas_wbxml.decode(told) if told else None

    def ask(self, command, text):
        return self.post(command, eas_wbxml.encode(ElementTree.fromstring(text)))

    def learn_folders(self):
        answer = self.ask("FolderSync", '<FolderSync xmlns="FolderHierarchy"><SyncKey>0</SyncKey></FolderSync>')
        self.folders = {e.findtext(FOLDERS + "DisplayName"): e.findtext(FOLDERS + "ServerId")
                        for e in answer.iter(FOLDERS + "Add")}

    def request(self, folder, commands="", window=100):
        options = "<b:BodyPreference><b:Type>1</b:Type></b:BodyPreference>"
        options = "".join(f"<Options><Class>{c}</Class>{options}</Options>" for c in ("Email", "SMS")) \
            if folder == "Inbox" else f"<Options>{options}</Options>"
        key = self.keys.get(folder, "0")
        begun = f"<GetChanges/><WindowSize>{window}</WindowSize>{options}" if key != "0" else ""
        return eas_wbxml.encode(ElementTree.fromstring(
            f"<Sync {SPACES}><Collections><Collection><SyncKey>{key}</SyncKey>"
            f"<CollectionId>{self.folders[folder]}</CollectionId>{begun}"
            + (f"<Commands>{commands}</Commands>" if commands else "") + "</Collection></Collections></Sync>"))

    def take(self, folder, answer, respond=None):
        """Whether there is more. An answer without a body is that there is nothing. respond: is given the Responses by id."""
        if answer is None:
            if respond:
                respond({})
            return False
        status = answer.findtext(f".//{SYNC}Collection/{SYNC}Status") or answer.findtext(f"{SYNC}Status")
        if status != "1":
            raise Failure(f"{self.name}: Sync of {folder} with {self.keys.get(folder, '0')}: status {status}")
        self.keys[folder] = answer.findtext(f".//{SYNC}SyncKey")
        responses = {}
        for e in answer.findall(f".//{SYNC}Responses/*"):
            responses[e.findtext(SYNC + "ClientId") or e.findtext(SYNC + "ServerId")] = e
        if respond:
            respond(responses)
        for e in answer.findall(f".//{SYNC}Commands/*"):
            self.take_command(folder, e)
        return answer.find(f".//{SYNC}MoreAvailable") is not None

    def take_command(self, folder, e):
        kind, server_id = e.tag[len(SYNC):], e.findtext(SYNC + "ServerId")
        known = server_id in self.words[folder]
        if (kind == "Add") == known and kind in ("Add", "Change"):
            raise Failure(f"{self.name}: {kind} of {server_id}, which it has{'' if known else ' not'}")
        if kind in ("Add", "Change"):
            data = e.find(SYNC + "ApplicationData")
            if kind == "Add" or folder != "Inbox":
                self.words[folder][server_id] = words_of(data)
                self.held[folder][server_id] = data
        else:
            self.forget(folder, server_id)

    def forget(self, folder, server_id):
        self.words[folder].pop(server_id, None)
        self.held[folder].pop(server_id, None)

    def sync(self, folder, window=100):
        """To its end."""
        more = True
        while more:
            begins = folder not in self.keys
            more = self.take(folder, self.post("Sync", self.request(folder, window=window))) or begins


# ---- those who work ----

class Actor(threading.Thread):
    """Works until stopping is set; a pause ends at once then."""
    pause_s = 0.05

    def __init__(self, name, site, journal, rnd):
        super().__init__(daemon=True)
        self.name, self.site, self.journal, self.rnd = name, site, journal, rnd
        self.stopping = threading.Event()

    def run(self):
        try:
            while not self.stopping.is_set():
                if self.site.up.wait(0.2):
                    try:
                        self.work()
                    except (Gone, lmtp.Lost):
                        self.journal.count("requests cut")
                        self.stopping.wait(0.02)
                    self.stopping.wait(self.rnd.random() * self.pause_s)
        except Exception as e:  # pylint: disable=broad-except
            self.journal.problem(f"{self.name}: {type(e).__name__}: {e}")


class Writer(Actor):
    """
    A phone whose user makes, changes and deletes entries; what others make it is told. folders: names of folders, each with
    the class of what it writes there.
    """

    def __init__(self, name, address, folders, guest, *args):
        super().__init__(name, *args)
        self.device, self.classes, self.guest = Device(self.site, address, name), folders, guest
        self.own = collections.defaultdict(dict)  # folder -> ServerId -> token
        self.asked = None  # (folder, octets, commands) whose answer did not come
        self.made = 0

    def work(self):
        d = self.device
        if not d.folders:
            d.learn_folders()
        if self.asked and self.rnd.random() < 0.15:
            self.asked = None  # the user has thought better of it: it may hold or not
        if self.asked:
            self.journal.count("requests asked again")
            return self.send(*self.asked)
        folder = self.rnd.choice(sorted(self.classes))
        if d.keys.get(folder, "0") == "0":
            return d.sync(folder)
        commands = self.commands(folder)
        octets = d.request(folder, "".join(c["xml"] for c in commands), self.rnd.choice([3, 100]))
        for c in commands:
            self.journal.asking(c["token"], c["words"], c["files"])
        return self.send(folder, octets, commands)

    def send(self, folder, octets, commands):
        self.asked = (folder, octets, commands)
        answer = self.device.post("Sync", octets)
        self.asked = None
        self.device.take(folder, answer, lambda responses: self.take_responses(folder, commands, responses))

    def take_responses(self, folder, commands, responses):
        for c in commands:
            self.take_response(folder, c, responses.get(c["id"]))

    def take_response(self, folder, c, said):
        status = "1" if said is None else said.findtext(SYNC + "Status")
        server_id = c["id"]
        if c["kind"] == "Add":
            server_id = said is not None and said.findtext(SYNC + "ServerId")
            if status != "1" or not server_id:
                raise Failure(f"{self.name}: its Add of {c['words']} is answered with {status}")
            self.own[folder][server_id] = c["token"]
            self.device.words[folder][server_id] = c["words"]
        elif status in (CONFLICT, GONE_THERE):
            self.journal.count("changes refused")  # of what a request that was given up has changed
            return
        elif status != "1":
            raise Failure(f"{self.name}: its {c['kind']} of {c['words']} is answered with {status}")
        if c["kind"] == "Delete":
            self.device.forget(folder, server_id)
            self.own[folder].pop(server_id, None)
        elif c["kind"] == "Change" and server_id in self.device.words[folder]:
            self.device.words[folder][server_id] = c["words"]
        self.journal.granted(c["token"], c["words"], c["files"])

    # what the user does

    def commands(self, folder):
        chosen, touched = [], set()
        for _ in range(self.rnd.choice([0, 1, 1, 2, 3])):
            own = [i for i in self.own[folder] if i in self.device.words[folder] and i not in touched]
            if not own or self.rnd.random() < 0.4:
                chosen.append(self.adds(folder))
            else:
                server_id = self.rnd.choice(own)
                touched.add(server_id)
                chosen.append(self.touches(folder, server_id))
        return chosen

    def files(self, kind, words):
        if kind != "Calendar" or self.rnd.random() < 0.6:
            return []
        return [f"{self.rnd.choice(['large', 'small', 'small'])}-{words.replace(' ', '')}bin"]

    def adds(self, folder):
        kind = self.classes[folder]
        invites = kind == "Calendar" and self.guest and self.rnd.random() < 0.5
        token = self.journal.new(kind, bool(invites))
        words, self.made = self.journal.words(token), self.made + 1
        files = self.files(kind, words)
        xml = WRITERS[kind](words, files, self.guest if invites else None)
        of_class = "<Class>SMS</Class>" if kind == "Inbox" else ""
        client = f"c{self.made}"
        return {"kind": "Add", "id": client, "token": token, "words": words, "files": files,
                "xml": f"<Add>{of_class}<ClientId>{client}</ClientId><ApplicationData>{xml}</ApplicationData></Add>"}

    def touches(self, folder, server_id):
        token, kind = self.own[folder][server_id], self.classes[folder]
        if self.rnd.random() < 0.3 or kind == "Inbox":  # the text of a text message stays
            return {"kind": "Delete", "id": server_id, "token": token, "words": GONE, "files": [],
                    "xml": f"<Delete><ServerId>{server_id}</ServerId></Delete>"}
        words = self.journal.words(token)
        files = self.files(kind, words)
        guest = self.guest if self.journal.entries[token].invites else None
        xml = WRITERS[kind](words, files, guest)
        return {"kind": "Change", "id": server_id, "token": token, "words": words, "files": files,
                "xml": f"<Change><ServerId>{server_id}</ServerId><ApplicationData>{xml}</ApplicationData></Change>"}


class Guest(Actor):
    """The phone of who is invited: it answers each invitation once, and asks again where no answer came."""

    def __init__(self, name, address, *args):
        super().__init__(name, *args)
        self.device, self.done, self.again = Device(self.site, address, name), set(), None

    def work(self):
        if not self.device.folders:
            self.device.learn_folders()
        if self.again:
            return self.answer(*self.again)
        self.device.sync("Inbox")
        waiting = [(i, data.findtext("{Email}Subject")) for i, data in self.device.held["Inbox"].items()
                   if i not in self.done and data.find("{Email}MeetingRequest") is not None]
        if waiting:
            self.answer(*self.rnd.choice(waiting))
        return None

    def answer(self, server_id, words):
        self.again = server_id, words
        self.journal.answers.setdefault(words, False)
        answer = self.device.ask("MeetingResponse", '<MeetingResponse xmlns="MeetingResponse"><Request><UserResponse>1'
                                 f"</UserResponse><CollectionId>{self.device.folders['Inbox']}</CollectionId><RequestId>"
                                 f"{escape(server_id)}</RequestId><SendResponse/></Request></MeetingResponse>")
        self.again = None
        self.done.add(server_id)
        status = answer.findtext(".//{MeetingResponse}Status")
        if status == "1":
            self.journal.answers[words] = True
            self.journal.count("invitations answered")
        elif status != "2":  # it is over, or there is a newer one
            raise Failure(f"{self.name}: its answer to {words} is answered with {status}")


class GroupSender(Actor):
    """An MTA, which sends again what was not answered, as it was."""
    pause_s = 0.2

    def __init__(self, name, group, *args):
        super().__init__(name, *args)
        self.group, self.client, self.sent, self.again = group, None, 0, None

    def work(self):
        try:
            if not self.client:
                self.client = lmtp.Client(self.site.lmtp)
            self.send()
        except lmtp.Lost:
            self.client = None
            raise

    def send(self):
        if not self.again:
            self.sent += 1
            name = f"{self.name}-{self.sent}"
            self.again = name, lmtp.message(name, self.rnd.choice([0, 4000, LARGE]))
            self.journal.mails[name] = False
        code = self.client.deliver([self.group], self.again[1])[0]
        if code != 250:
            raise Failure(f"{self.again[0]}: LMTP {code}")
        self.journal.mails[self.again[0]] = True
        self.journal.count("mails to the group acknowledged")
        self.again = None
