"""What was acknowledged of entries (events, contacts, tasks, notes, texts), of invitations and of a group's mail."""
import collections
import threading

GONE = None


class Entry:
    """One that a phone has made: its states are the words it has, "v7 T3.", or GONE."""

    def __init__(self, kind, invites):
        self.kind, self.invites = kind, invites
        self.now, self.perhaps = GONE, set()
        self.files, self.files_perhaps = set(), set()  # names of its attachments
        self.told = set()  # words that were granted, of which whom it invites is told once
        self.asked = set()  # and all that were asked for
        self.ended = False  # its deletion was granted


class EntryJournal:
    """Any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.entries, self.problems, self.counts = {}, [], collections.Counter()
        self.spoken = 0
        self.answers = {}  # words of an invitation -> whether the answer to it was granted
        self.mails = {}  # subject of a mail to the group -> whether it was acknowledged

    def problem(self, text):
        with self.lock:
            self.problems.append(text)

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] += n

    def words(self, token):
        """Never the same twice."""
        with self.lock:
            self.spoken += 1
            return f"v{self.spoken} T{token}."

    def new(self, kind, invites=False):
        with self.lock:
            token = len(self.entries) + 1
            self.entries[token] = Entry(kind, invites)
            return token

    def asking(self, token, words, files=()):
        """Before the request: from now on it may hold."""
        with self.lock:
            e = self.entries[token]
            e.perhaps.add(words)
            e.asked.add(words)
            e.files_perhaps.update(files)

    def granted(self, token, words, files=()):
        with self.lock:
            e = self.entries[token]
            e.now, e.perhaps = words, set()
            e.files.update(files)
            if words is GONE:
                e.ended = True
            else:
                e.told.add(words)
            self.counts["changes acknowledged"] += 1

    # in the end

    def compare(self, what, found):
        """found: token -> list of words."""
        for token in found.keys() - self.entries.keys():
            self.problem(f"{what}: T{token}: nobody made it")
        for token, e in self.entries.items():
            self._compare_one(f"{what}: {e.kind} T{token}", e, found.get(token, []))

    def _compare_one(self, what, e, rows):
        if len(rows) > 1:
            self.problem(f"{what}: doubled: {rows}")
        is_now = rows[0] if rows else GONE
        if is_now not in e.perhaps | {e.now}:
            self.problem(f"{what}: is {is_now}, acknowledged was {e.now}, asked for {e.perhaps}")

    def compare_told(self, subjects, before=""):
        """
        subjects: of all that came to whom the events invite, or to who is told in his place with words before them. Once, each
        that was granted; none twice.
        """
        times = collections.Counter(subjects)
        for token, e in self.entries.items():
            if not e.invites:
                continue
            for words in e.asked - {GONE}:
                n = times[before + words]
                if n > 1 or (words in e.told and n == 0):
                    self.problem(f"{before}{words} came {n} times, granted: {words in e.told}")
            asked = {before + words for words in e.asked - {GONE}}
            ends = [s for s in subjects if s.endswith(f" T{token}.") and s not in asked] if not before else []
            if len(ends) > 1 or (e.ended and e.told and not ends and not before):
                self.problem(f"T{token} was called off {len(ends)} times: {ends}, granted: {e.ended}")
            self.counts["invitations, updates and cancellations that came"] += len(ends) + sum(times[s] for s in asked)

    def compare_once(self, what, sent, subjects):
        """sent: subject -> whether it was acknowledged."""
        times = collections.Counter(subjects)
        for subject, known in sent.items():
            if times[subject] > 1 or (known and not times[subject]):
                self.problem(f"{what}: {subject!r} came {times[subject]} times, acknowledged: {known}")
        self.counts[f"{what} that came"] += sum(times[s] for s in sent)
