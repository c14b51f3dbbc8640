"""Those who work while the server is killed: MTAs, and phones with the people who hold them."""
import pathlib
import re
import subprocess
import threading
import zlib

import lmtp
from journal import GONE, INBOX, TRASH

LARGE = 300_000  # above what lies in a table
PHONE_S = 120

# What roost-phone says where the server went away; anything else it dislikes is a failure.
GONE_AWAY = re.compile(r"connection: |closed the connection without an answer|not a whole HTTP response")


class Actor(threading.Thread):
    """Works until stopping is set; a pause ends at once then."""

    def __init__(self, site, journal, rnd):
        super().__init__(daemon=True)
        self.site, self.journal, self.rnd = site, journal, rnd
        self.stopping = threading.Event()

    def run(self):
        try:
            while not self.stopping.is_set():
                if self.site.up.wait(0.2):
                    self.work()
                    self.stopping.wait(self.rnd.random() * self.pause_s)
        except Exception as e:  # pylint: disable=broad-except
            self.journal.problem(f"{self.name}: {type(e).__name__}: {e}")
            raise


class Sender(Actor):
    """One connection of an MTA. What it got no answer for it does not send again: that would be a mail of its own."""
    pause_s = 0.25

    def __init__(self, number, accounts, *args):
        super().__init__(*args)
        self.name, self.accounts = f"sender{number}", accounts
        self.client, self.sent = None, 0

    def work(self):
        try:
            if not self.client:
                self.client = lmtp.Client(self.site.lmtp)
            self.send()
        except lmtp.Lost:
            self.client = None
            self.stopping.wait(0.02)

    def send(self):
        self.sent += 1
        to = self.rnd.sample(self.accounts, self.rnd.choice([1, 1, 1, len(self.accounts)]))
        name = f"{self.name}-{self.sent}"
        text = lmtp.message(name, self.rnd.choice([0, 0, 0, 4000, 60_000, LARGE]))
        for account in to:
            self.journal.sending(account, name, text)
        for account, code in zip(to, self.client.deliver(to, text)):
            if code == 250:
                self.journal.delivered(account, name)
            else:
                self.journal.problem(f"{name} to {account}: LMTP {code}")


class Phone(Actor):
    """
    One device, by roost-phone. It changes the mails that are its own among the account's phones, so that what holds in
    the end is known; whatever fails for want of a server it does again, or something else, as people do.
    """
    pause_s = 0.1

    def __init__(self, number, of, account, version, *args):
        super().__init__(*args)
        self.name = f"{account.split('@')[0]}{number}"
        self.number, self.of, self.account, self.version = number, of, account, version
        self.store = self.site.folder / "phones" / self.name
        self.store.parent.mkdir(exist_ok=True)
        self.begun = False
        self.process = None
        self.again = None  # a change whose answer was lost
        self.perhaps_gone = set()  # subjects: deletes whose answer was lost, until the phone has synced
        self.subjects = {}  # file -> subject

    # running roost-phone

    def phone(self, *words):
        """True: it says that all went well. False: the server went away meanwhile."""
        self.process = subprocess.Popen([*self.site.phone_words(self.account, self.store, self.version), *words],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        try:
            out, said = self.process.communicate(timeout=PHONE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.journal.problem(f"{self.name}: {words[0]} does not end")
            return False
        if self.process.returncode == 0:
            self.journal.count(f"{words[0]} done")
            return True
        if self.process.returncode > 0 and not GONE_AWAY.search(said):
            self.journal.problem(f"{self.name}: {' '.join(words)}: {said.strip() or out.strip()}")
        self.journal.count("requests cut")
        return False

    def hang_up(self):
        """Ends what waits; a phone that is killed begins where it last was."""
        if self.process and self.process.poll() is None:
            self.process.kill()

    # its life

    def work(self):
        if not self.begun:
            self.begun = self.phone("provision") and self.phone("folders") and self.phone("sync", "--all")
        elif self.again and self.rnd.random() < 0.5:
            self.change(*self.again)
        else:
            self.again = None
            self.rnd.choices([self.sync, self.wait, self.watch, self.change_some], [3, 1, 1, 5])[0]()

    def sync(self):
        done = self.phone("sync", "--all")
        if done:
            self.perhaps_gone.clear()
        return done

    def wait(self):
        self.phone("wait", "--heartbeat", "60")

    def watch(self):
        self.phone("watch", "--count", "1", "--heartbeat", "60")

    def listing(self):
        """What the phone has: (ServerId, subject, place, read, flag, path of the file)."""
        words = [self.site.bin / "roost-phone", "--store", self.store]
        status = subprocess.run([*words, "status"], stdout=subprocess.PIPE, text=True, check=True).stdout
        trash = re.search(r"^folder (\S+)\t.*\tDeleted Items$", status, re.M)[1]
        listed = subprocess.run([*words, "list"], stdout=subprocess.PIPE, text=True, check=True).stdout
        rows = []
        for line in listed.splitlines():
            server_id, file, read, flag = line.split("\t")[:4]
            place = TRASH if file.split("/")[0] == trash else INBOX
            path = self.store / file
            rows.append((server_id, self.subject(path), place, read == "read", flag == "flag 2", path))
        return rows

    def subject(self, path):
        if path not in self.subjects:
            with open(path, "rb") as f:
                self.subjects[path] = re.search(rb"^Subject: (\S+)", f.read(4096), re.M)[1].decode()
        return self.subjects[path]

    def change_some(self):
        act = self.rnd.choice(["read", "unread", "flag", "unflag", "delete"])
        place = self.rnd.choice([INBOX, INBOX, TRASH])
        own = [row for row in self.listing() if row[2] == place and row[1] not in self.perhaps_gone
               and zlib.crc32(row[1].encode()) % self.of == self.number]
        if own:
            chosen = self.rnd.sample(own, min(len(own), self.rnd.randint(1, 4)))
            self.change(act, place, [row[0] for row in chosen], [row[1] for row in chosen])

    def change(self, act, place, ids, names):
        prop, value = {"read": ("read", True), "unread": ("read", False), "flag": ("flag", True),
                       "unflag": ("flag", False), "delete": ("place", GONE if place == TRASH else TRASH)}[act]
        self.journal.asking(self.account, names, prop, value)
        if self.phone(act, *ids):
            self.journal.granted(self.account, names, prop, value)
            self.again = None
        else:
            self.again = (act, place, ids, names)
            if act == "delete":
                self.perhaps_gone.update(names)


def store_holds(site, account):
    """subject -> rows, of the store."""
    found = {}
    for folder in site.folders(account):
        place = TRASH if folder["path"] == "Deleted Items" else INBOX
        for m in site.messages(account, folder["path"]):
            flags = m["flags"].split()
            found.setdefault(m["subject"], []).append(
                {"place": place, "read": "seen" in flags, "flag": "flagged" in flags})
    return found


def phone_holds(phone):
    """The same of a phone, whose octets are compared on the way with those that were sent."""
    found = {}
    sent = phone.journal.mails[phone.account]
    for _, subject, place, read, flag, path in phone.listing():
        found.setdefault(subject, []).append({"place": place, "read": read, "flag": flag})
        if subject in sent and not pathlib.Path(path).read_bytes().endswith(sent[subject].text):
            phone.journal.problem(f"{phone.name}: {subject} has other octets than were sent")
    return found
