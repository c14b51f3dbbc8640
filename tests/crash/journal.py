"""What was acknowledged, and what therefore has to be found."""
import collections
import threading

INBOX, TRASH, GONE = "inbox", "trash", "gone"


class Mail:
    """One mail in one mailbox."""

    def __init__(self, text):
        self.text = text
        self.acknowledged = False
        # Of each property the value that holds, and those of later changes whose answer was never seen.
        self.now = {"place": INBOX, "read": False, "flag": False}
        self.perhaps = {name: set() for name in self.now}

    def may_be(self, name):
        return {self.now[name]} | self.perhaps[name]


class Journal:
    """Any thread."""

    def __init__(self):
        self.lock = threading.Lock()
        self.mails = collections.defaultdict(dict)  # account -> subject -> Mail
        self.counts = collections.Counter()
        self.problems = []

    def problem(self, text):
        with self.lock:
            self.problems.append(text)

    def count(self, what, n=1):
        with self.lock:
            self.counts[what] += n

    def sending(self, account, name, text):
        with self.lock:
            self.mails[account][name] = Mail(text)

    def delivered(self, account, name):
        with self.lock:
            self.mails[account][name].acknowledged = True
            self.counts["mails acknowledged"] += 1

    def asking(self, account, names, prop, value):
        """Before the request: from now on it may hold."""
        with self.lock:
            for name in names:
                self.mails[account][name].perhaps[prop].add(value)

    def granted(self, account, names, prop, value):
        with self.lock:
            for name in names:
                mail = self.mails[account][name]
                mail.now[prop], mail.perhaps[prop] = value, set()
            self.counts["changes acknowledged"] += len(names)

    def compare(self, account, found):
        """found: subject -> list of {place, read, flag} of the store."""
        mails = self.mails[account]
        for name in found:
            if name not in mails:
                self.problem(f"{account}: {name}: nobody sent it")
        for name, mail in mails.items():
            self._compare_one(f"{account}: {name}", mail, found.get(name, []))

    def _compare_one(self, what, mail, rows):
        if len(rows) > 1:
            self.problem(f"{what}: doubled: {rows}")
        elif not rows:
            if mail.acknowledged and GONE not in mail.may_be("place"):
                self.problem(f"{what}: lost")
        else:
            for prop, value in rows[0].items():
                if value not in mail.may_be(prop):
                    self.problem(f"{what}: {prop} is {value}, acknowledged was {mail.now[prop]}")
