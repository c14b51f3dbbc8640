"""One life: three phones, the people who hold them, a desk, and a server that comes and goes."""
import collections
import hashlib
import json
import random
import re
import subprocess
import time

import lmtp
from instance import Failure

VERSIONS = ["12.1", "14.0", "14.1", "16.0", "16.1"]
PHONES = 3
PHONE_S = 120
DAYS = {0: None, 1: 1, 2: 3, 3: 7, 4: 14, 5: 31}  # FilterType
AGES = [0.5, 1.5, 2.5, 4.5, 9.5, 20.5, 25.5, 60.5]  # days; none at the edge of a filter
DAY_S = 24 * 3600
DRAFTS, OUTBOX = 3, 6  # folder types

# What roost-phone says where the server went away; it begins where it last was.
GONE_AWAY = re.compile(r"connection: |closed the connection without an answer|not a whole HTTP response|"
                       r"HTTP status 503")  # while it stops
# What a phone may be told because others were faster: a folder or a mail that has gone; to ask again, by a request of its own
# that it gave up.
OVERTAKEN = re.compile(r"Sync status 16|refuses the command on \S+: status 8|not every message was moved|Sync (collection )?status 12|"
                       r"has no message|no such folder|GetItemEstimate status 2|ItemOperations.*status 6|"
                       r"has not been synced yet")

counted = collections.Counter()


def sha(octets):
    return hashlib.sha256(octets).hexdigest()


class Phone:
    """roost-phone with a store of its own; one process at a time, which may be one that waits."""

    def __init__(self, life, number, version):
        self.life, self.version, self.filter = life, version, 0
        self.name = f"P{life.seed}x{number}"
        self.store = life.site.folder / "phones" / self.name
        self.store.parent.mkdir(exist_ok=True)
        self.waiting = None

    def words(self, *words):
        return [*self.life.site.phone_words(self.life.account, self.store, self.version), "--filter", str(self.filter),
                *words]

    def run(self, *words, strict=False):
        """True: it says that all went well. False: others were faster. Anything else ends the life."""
        self.hang_up()
        self.life.note(f"{self.name} ({self.version}, filter {self.filter}): {' '.join(words)}")
        try:
            done = subprocess.run(self.words(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=PHONE_S,
                                  check=False, text=True, errors="replace")
        except subprocess.TimeoutExpired as e:
            raise Failure(f"{self.name}: {' '.join(words)} does not end") from e
        counted["requests lost" if "cut, nothing saved" in done.stdout else "phone commands"] += 1
        if done.returncode == 0:
            return True
        if done.returncode == 1 and not strict and OVERTAKEN.search(done.stderr):
            self.life.note(f"  overtaken: {done.stderr.strip()}")
            return False
        raise Failure(f"{self.name}: {' '.join(words)}: status {done.returncode}: {done.stderr.strip()}")

    def wait(self, *words):
        self.hang_up()
        self.life.note(f"{self.name}: begins to wait: {' '.join(words)}")
        self.waiting = subprocess.Popen(self.words(*words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        text=True, errors="replace")
        counted["waits"] += 1

    def hang_up(self):
        """Ends what waits, at any moment of its work; what the phone asks next may be read first."""
        if not self.waiting:
            return
        ended = self.waiting.poll() is not None
        self.waiting.kill()
        said = self.waiting.communicate()[1]
        status, self.waiting = self.waiting.returncode, None
        counted["waits that ended by themselves"] += ended
        if ended and status and not GONE_AWAY.search(said) and not OVERTAKEN.search(said):
            raise Failure(f"{self.name}: while it waited: status {status}: {said.strip()}")

    def local(self, command):
        return subprocess.run([self.life.site.bin / "roost-phone", "--store", self.store, command],
                              stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()

    def folders(self):
        """id -> (parent, name, type), of mail."""
        found = {}
        for line in self.local("status"):
            if line.startswith("folder "):
                folder, parent, kind, _, _, name = line.split("\t")
                kind = int(kind.split()[1])
                if kind in (2, DRAFTS, 4, 5, OUTBOX, 12):
                    found[folder.split()[1]] = (parent.split()[1], name, kind)
        return found

    def synced(self):
        """Those that it syncs: no Outbox, and Drafts from 16.0 on."""
        return {i for i, (_, _, kind) in self.folders().items()
                if kind != OUTBOX and (kind != DRAFTS or self.version >= "16.0")}

    def mails(self):
        """ServerId -> (read, flagged, octets' hash)"""
        found = {}
        for line in self.local("list"):
            server_id, file, read, flag = line.split("\t")[:4]
            if server_id in found:
                raise Failure(f"{self.name} has {server_id} twice")
            found[server_id] = (read == "read", flag == "flag 2", self.store / file)
        return found


class Life:
    def __init__(self, site, seed):
        self.site, self.seed, self.rnd = site, seed, random.Random(seed)
        self.account, self.log, self.sent = f"life{seed}@example.test", [], 0
        versions = self.rnd.sample(VERSIONS, PHONES)
        self.phones = [Phone(self, i, v) for i, v in enumerate(versions)]
        self.now = int(time.time())

    def note(self, text):
        self.log.append(text)

    def ctl(self, *words, given=b""):
        """False: refused, since others were faster."""
        self.note(f"roostctl {' '.join(words)}")
        counted["roostctl commands"] += 1
        done = self.site.ctl(*words, stdin=given)
        if done.returncode not in (0, 1):
            raise Failure(f"roostctl {words}: status {done.returncode}: {done.stderr.decode()}")
        return done.returncode == 0

    # the store

    def store_folders(self):
        return [f for f in self.site.folders(self.account) if f["class"] == "mail"]

    def store_mails(self, path):
        return self.site.messages(self.account, path)

    def some_folder(self):
        folders = self.store_folders()
        return folders[0]["path"] if self.rnd.random() < 0.5 else self.rnd.choice(folders)["path"]

    def some_mails(self):
        mails = self.store_mails(self.some_folder())
        return [str(m["id"]) for m in self.rnd.sample(mails, min(len(mails), self.rnd.randint(1, 3)))]

    # what happens

    def text(self):
        self.sent += 1
        size = self.rnd.choice([10, 10, 10, 4000, 300_000])
        body = f"{self.account} {self.sent} ".encode() * (size // 20 + 1)
        lines = [body[i:i + 70] for i in range(0, len(body), 70)]
        return b"From: bob@example.org\r\nSubject: %d\r\n\r\n" % self.sent + b"\r\n".join(lines) + b"\r\n"

    def delivers(self):
        text = self.text()
        self.note(f"LMTP: mail {self.sent}")
        client = lmtp.Client(self.site.lmtp)
        if client.deliver([self.account], text) != [250]:
            raise Failure(f"mail {self.sent} is not taken")
        client.close()
        counted["mails delivered"] += 1

    def imports(self):
        age = self.rnd.choice(AGES)
        date = time.strftime("%a %b %d %H:%M:%S %Y", time.gmtime(self.now - age * DAY_S - self.sent))
        mbox = self.site.folder / f"mbox{self.seed}"
        mbox.write_bytes(b"From x " + date.encode() + b"\n" + self.text().replace(b"\r\n", b"\n") + b"\n")
        self.note(f"mail {self.sent} is {age} days old")
        self.ctl("import", self.account, str(mbox), "--folder", self.some_folder())
        counted["mails imported"] += 1

    def desk_edits(self):
        ids = self.some_mails()
        if ids:
            self.ctl("message", self.rnd.choice(["read", "unread", "flag", "unflag"]), self.account, *ids)

    def desk_removes(self):
        ids = self.some_mails()
        if ids and self.rnd.random() < 0.6:
            self.ctl("message", "move", self.account, *ids, "--folder", self.some_folder())
        elif ids:
            self.ctl("message", "delete", self.account, *ids)

    def desk_files(self):
        own = [f["path"] for f in self.store_folders() if not f["role"]]
        name = f"F{self.rnd.randrange(1000)}"
        if not own or (len(own) < 5 and self.rnd.random() < 0.5):
            above = self.rnd.choice([*own, ""]) if own else ""
            self.ctl("folder", "add", self.account, f"{above}/{name}" if above else name)
        elif self.rnd.random() < 0.6:
            self.ctl("folder", "rename", self.account, self.rnd.choice(own), name)
        else:
            self.ctl("folder", "remove", self.account, self.rnd.choice(own), "--yes")

    def restarts(self):
        kills = self.rnd.random() < 0.5
        self.note("roostd is killed" if kills else "roostd is stopped")
        if kills:
            self.site.kill()
        else:
            self.site.stop()
        counted["kills" if kills else "stops"] += 1
        if not self.site.start():
            raise Failure("roostd does not start again")

    # the phones

    def cut(self):
        if self.rnd.random() < 0.7:
            return []
        return ["--cut", self.rnd.choice(["before", "half", "after"]), "--cut-at", str(self.rnd.choice([1, 1, 1, 2, 3]))]

    def some_phone(self):
        return self.rnd.choice(self.phones)

    def learns_folders(self, p=None):
        (p or self.some_phone()).run("folders", *self.cut())

    def syncs(self):
        p = self.some_phone()
        folders = sorted(p.synced())
        if not folders:
            return self.learns_folders(p)
        which = ["--all"] if self.rnd.random() < 0.6 else ["--folder", self.rnd.choice(folders)]
        how = ["--window", self.rnd.choice(["1", "2", "5", "100", "512"])]
        if self.rnd.random() < 0.1:
            how.append("--no-changes")
        if self.rnd.random() < 0.25:
            how.append("--partial")
        if not p.run("sync", *which, *how, *self.cut()):
            self.learns_folders(p)

    def own(self, p):
        """A folder that the phone knows, and some mails of it."""
        by_folder = collections.defaultdict(list)
        for server_id in p.mails():
            by_folder[server_id.split(":")[0]].append(server_id)
        if not by_folder:
            return []
        mails = by_folder[self.rnd.choice(sorted(by_folder))]
        return self.rnd.sample(mails, min(len(mails), self.rnd.randint(1, 3)))

    def does_twice(self, p, *words):
        """A command whose answer may be lost: said again as it was, or something else comes first, or never again."""
        cut = self.cut()
        p.run(*words, *cut)
        if cut and self.rnd.random() < 0.6:
            p.run(*words)

    def edits(self):
        p = self.some_phone()
        mails = self.own(p)
        if mails:
            act = self.rnd.choice(["read", "unread", "flag", "unflag", "delete"])
            self.does_twice(p, act, *(["--for-good"] if self.rnd.random() < 0.3 else []), *mails)

    def drags(self):
        p = self.some_phone()
        mails = self.own(p)
        if mails:
            self.does_twice(p, "move", self.rnd.choice(sorted(p.folders())), *mails)

    def asks(self):
        p = self.some_phone()
        mails = self.own(p)
        kind = self.rnd.choice(["estimate", "settings", "fetch"])
        if kind == "fetch" and mails:
            p.run("fetch", *(["--parts"] if self.rnd.random() < 0.5 else []), *mails, *self.cut())
        elif kind != "fetch":
            p.run(kind, *self.cut())

    def filters(self):
        self.some_phone().filter = self.rnd.choice(sorted(DAYS))

    def waits(self):
        command = self.rnd.choice(["ping", "wait", "watch"])
        self.some_phone().wait(command, "--all", "--heartbeat", "600")

    STEPS = [(delivers, 12), (imports, 8), (desk_edits, 8), (desk_removes, 6), (desk_files, 5), (restarts, 2),
             (learns_folders, 6), (syncs, 24), (edits, 14), (drags, 8), (asks, 5), (filters, 4), (waits, 6)]

    def begin(self):
        self.site.add_account(self.account)
        for p in self.phones:
            self.note(f"{p.name} is of version {p.version}")
            p.run("provision")
            p.run("folders")
            p.run("sync", "--all")

    def live(self, steps):
        kinds, weights = zip(*self.STEPS)
        for step in self.rnd.choices(kinds, weights, k=steps):
            step(self)

    def hang_up(self):
        for p in self.phones:
            p.hang_up()

    # the end

    def end(self):
        self.hang_up()
        for _ in range(2):
            for p in self.phones:
                p.run("folders", strict=True)
                p.run("sync", "--all", strict=True)
        folders = {str(f["id"]): f for f in self.store_folders()}
        mails = {i: self.store_mails(f["path"]) for i, f in folders.items()}
        octets = {}
        for p in self.phones:
            self.compare(p, folders, mails, octets)
        counted["lives ended equal"] += 1

    def compare(self, p, folders, mails, octets):
        held = p.folders()
        names = {i: f["path"].rsplit("/", 1)[-1] for i, f in folders.items()}
        if {i: name for i, (_, name, _) in held.items()} != names:
            raise Failure(f"{p.name} has the folders {held}, the store {names}")
        oldest = DAYS[p.filter] and time.time() - DAYS[p.filter] * DAY_S
        wanted = {f"{i}:{m['id']}": m for i, rows in mails.items() if i in p.synced()
                  for m in rows if oldest is None or received(m) >= oldest}
        has = p.mails()
        if has.keys() != wanted.keys():
            raise Failure(f"{p.name} (filter {p.filter}) has not {sorted(wanted.keys() - has.keys())} and should not have "
                          f"{sorted(has.keys() - wanted.keys())}")
        for name, (read, flagged, path) in has.items():
            m = wanted[name]
            flags = m["flags"].split()
            if (read, flagged) != ("seen" in flags, "flagged" in flags):
                raise Failure(f"{p.name} shows {name} read {read}, flagged {flagged}; the store {flags}")
            if m["id"] not in octets:
                octets[m["id"]] = sha(self.site.must_ctl("message", "show", self.account, str(m["id"])))
            if sha(path.read_bytes()) != octets[m["id"]]:
                raise Failure(f"{p.name} has other octets of {name} than the store")
            counted["mails compared"] += 1


def received(mail):
    return time.mktime(time.strptime(mail["received"][:19], "%Y-%m-%dT%H:%M:%S")) - time.timezone
