"""What the attacks share: a roostd of one's own with accounts and mail, WBXML both ways, and requests sent raw."""
import base64
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile

SAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "samples/mail"
PASSWORD = "secret"
REPORTS = re.compile(r"ERROR: |WARNING: ThreadSanitizer|runtime error: |Assertion |SUMMARY: ")
ANSWER_S = 60

# ---- WBXML: an element is (page, token, content), content None, bytes, or a list of elements.
AIRSYNC, EMAIL, MOVE, ESTIMATE, FOLDERS, PING, PROVISION, BASE, SETTINGS = 0, 2, 5, 6, 7, 13, 14, 17, 18
STR_I, OPAQUE, END = 3, 0xC3, 1


def multibyte(n):
    out = [n & 0x7F]
    while n >> 7:
        n >>= 7
        out.append(0x80 | n & 0x7F)
    return bytes(reversed(out))


def encode(root):
    out, page = bytearray(b"\x03\x01\x6a\x00"), 0

    def put(element):
        nonlocal page
        at, token, content = element
        if at != page:
            out.extend((0, at))
            page = at
        out.append(token | (0x40 if content is not None else 0))
        if content is None:
            return
        if isinstance(content, (bytes, str)):
            octets = content.encode() if isinstance(content, str) else content
            out.extend(b"\x03" + octets + b"\x00" if isinstance(content, str)
                       else bytes((OPAQUE,)) + multibyte(len(octets)) + octets)
        else:
            for child in content:
                put(child)
        out.append(END)

    put(root)
    return bytes(out)


def decode(octets):
    """The root element; texts are bytes. What is no such document raises IndexError or ValueError."""
    at, page = 4, 0

    def number():
        nonlocal at
        n = 0
        while True:
            at += 1
            n = n << 7 | octets[at - 1] & 0x7F
            if not octets[at - 1] & 0x80:
                return n

    def element():
        nonlocal at, page
        while octets[at] == 0:
            page, at = octets[at + 1], at + 2
        mine, token, content = page, octets[at], None
        at += 1
        if token & 0x40:
            content = []
            while octets[at] != END:
                if octets[at] == STR_I:
                    end = octets.index(b"\0", at)
                    content, at = octets[at + 1:end], end + 1
                elif octets[at] == OPAQUE:
                    at += 1
                    n = number()
                    content, at = octets[at:at + n], at + n
                else:
                    content.append(element())
                while octets[at] == 0:
                    page, at = octets[at + 1], at + 2
            at += 1
        return mine, token & 0x3F, content

    return element()


def find(element, page, token):
    """Every element of that name, in the order of the document."""
    if element[:2] == (page, token):
        yield element
    if isinstance(element[2], list):
        for child in element[2]:
            yield from find(child, page, token)


def text_of(element, page, token, default=None):
    found = next(find(element, page, token), None)
    return default if found is None or not isinstance(found[2], bytes) else found[2].decode()


def folder_sync(key):
    return FOLDERS, 0x16, [(FOLDERS, 0x12, str(key))]


def collection(folder, key, options=(), commands=(), window=None, changes=None, mode=None):
    parts = [(AIRSYNC, 0x0B, str(key)), (AIRSYNC, 0x12, str(folder))]
    if changes is not None:
        parts.append((AIRSYNC, 0x13, changes))
    if window is not None:
        parts.append((AIRSYNC, 0x15, str(window)))
    if mode is not None:
        parts.append((AIRSYNC, 0x27, mode))
    if options:
        parts.append((AIRSYNC, 0x17, list(options)))
    if commands:
        parts.append((AIRSYNC, 0x16, list(commands)))
    return AIRSYNC, 0x0F, parts


def sync(collections, heartbeat=None):
    more = [] if heartbeat is None else [(AIRSYNC, 0x29, str(heartbeat))]
    return AIRSYNC, 0x05, [(AIRSYNC, 0x1C, list(collections))] + more


def body_options(kind=1, filter_type=None, truncation=None):
    parts = [] if filter_type is None else [(AIRSYNC, 0x18, str(filter_type))]
    body = [(BASE, 0x06, str(kind))] + ([] if truncation is None else [(BASE, 0x07, str(truncation))])
    return parts + [(BASE, 0x05, body)] + ([(AIRSYNC, 0x22, "2")] if kind == 4 else [])


def change_read(item, read):
    return AIRSYNC, 0x08, [(AIRSYNC, 0x0D, item), (AIRSYNC, 0x1D, [(EMAIL, 0x15, str(read))])]


def change_flag(item, status):
    return AIRSYNC, 0x08, [(AIRSYNC, 0x0D, item), (AIRSYNC, 0x1D, [
        (EMAIL, 0x3A, [(EMAIL, 0x3B, str(status)), (EMAIL, 0x3D, "for Follow Up")])])]


def delete(item):
    return AIRSYNC, 0x09, [(AIRSYNC, 0x0D, item)]


def fetch(item):
    return AIRSYNC, 0x0A, [(AIRSYNC, 0x0D, item)]


def ping(folders, heartbeat=60):
    return PING, 0x05, [(PING, 0x08, str(heartbeat)),
                        (PING, 0x09, [(PING, 0x0A, [(PING, 0x0B, str(f)), (PING, 0x0C, "Email")]) for f in folders])]


def provision(key=None, policy="MS-EAS-Provisioning-WBXML"):
    about = [] if key else [(SETTINGS, 0x16, [(SETTINGS, 0x08, [(SETTINGS, 0x17, "odd"), (SETTINGS, 0x1A, "system")])])]
    more = [(PROVISION, 0x09, str(key)), (PROVISION, 0x0B, "1")] if key else []
    return PROVISION, 0x05, about + [(PROVISION, 0x06, [(PROVISION, 0x07, [(PROVISION, 0x08, policy)] + more)])]


def move(items, source, target):
    return MOVE, 0x05, [(MOVE, 0x06, [(MOVE, 0x07, i), (MOVE, 0x08, str(source)), (MOVE, 0x09, str(target))]) for i in items]


def estimate(folder, key, mode=None):
    more = [] if mode is None else [(AIRSYNC, 0x27, mode)]
    return ESTIMATE, 0x05, [(ESTIMATE, 0x07, [(ESTIMATE, 0x08, [
        (AIRSYNC, 0x0B, str(key)), (ESTIMATE, 0x0A, str(folder)), *more, (AIRSYNC, 0x17, [(AIRSYNC, 0x18, "5")])])])]


def settings():
    return SETTINGS, 0x05, [(SETTINGS, 0x09, [(SETTINGS, 0x07, [(SETTINGS, 0x13, "Text")])]),
                            (SETTINGS, 0x16, [(SETTINGS, 0x08, [(SETTINGS, 0x17, "odd")])]),
                            (SETTINGS, 0x1D, [(SETTINGS, 0x07, None)])]


# ---- HTTP
def basic(user="ann@example.test", password=PASSWORD):
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def request(command, body, device="ATTACK", version="14.1", user="ann@example.test", password=PASSWORD, kind="phone",
            query=None, headers=()):
    """The octets of a request; headers replace those of the same name (a value of None leaves one out)."""
    if query is None:
        query = f"Cmd={command}&User={user}&DeviceId={device}&DeviceType={kind}"
    octets = encode(body) if isinstance(body, tuple) else body
    fields = {"Host": "localhost", "Authorization": basic(user, password), "MS-ASProtocolVersion": version,
              "Content-Type": "application/vnd.ms-sync.wbxml", "User-Agent": "attack", "Content-Length": len(octets)}
    fields.update(headers)
    head = f"POST /Microsoft-Server-ActiveSync?{query} HTTP/1.1\r\n"
    head += "".join(f"{k}: {v}\r\n" for k, v in fields.items() if v is not None)
    return head.encode("latin-1") + b"\r\n" + octets


class Closed(Exception):
    """The server closed the connection, or it was silent for too long, before an answer was whole."""


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def tree(self):
        return decode(self.body) if self.body else None


class Connection:
    def __init__(self, port, timeout=ANSWER_S):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.rest = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, octets):
        self.socket.sendall(octets)

    def more(self):
        try:
            got = self.socket.recv(65536)
        except (TimeoutError, ConnectionError) as e:
            raise Closed(repr(e)) from e
        if not got:
            raise Closed("closed")
        self.rest += got

    def until(self, mark):
        while mark not in self.rest:
            self.more()
        head, self.rest = self.rest.split(mark, 1)
        return head

    def exactly(self, n):
        while len(self.rest) < n:
            self.more()
        out, self.rest = self.rest[:n], self.rest[n:]
        return out

    def chunks(self):
        out = b""
        while n := int(self.until(b"\r\n").split(b";")[0], 16):
            out += self.exactly(n)
            self.exactly(2)
        self.until(b"\r\n")
        return out

    def answer(self):
        lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
        status = int(lines[0].split()[1])
        if status == 100:
            return self.answer()
        body = self.chunks() if headers.get("transfer-encoding") == "chunked" else self.exactly(
            int(headers.get("content-length", 0)))
        return Answer(status, headers, body)

    def ask(self, octets):
        self.send(octets)
        return self.answer()


class Server:
    """A roostd in a folder of its own; end() stops it and returns what is wrong with how it went."""

    def __init__(self, binaries, options=""):
        self.bin = pathlib.Path(binaries).resolve()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="roost-attack-"))
        self.conf = self.folder / "roost.conf"
        (self.folder / "state").mkdir()
        self.conf.write_text(f"[server]\nhostname = localhost\ndefault_domain = example.test\nstate_dir = {self.folder}/state\n"
                             f"[activesync]\nthrottle_commands = 0\nthrottle_repeats = 0\n"
                             f"[http]\nlisten_plain = 127.0.0.1:0\n[lmtp]\nlisten = unix:{self.folder}/lmtp\n{options}")
        (self.folder / "password").write_text(PASSWORD + "\n")
        self.logs = []
        self.process = None

    def ctl(self, *words, given=b"", check=True):
        done = subprocess.run([self.bin / "roostctl", "-c", self.conf, *map(str, words)], input=given,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = done.stderr.decode(errors="replace")
        self.note(said)
        if check and done.returncode:
            raise AssertionError(f"roostctl {words}: {done.returncode} {said}")
        return done

    def note(self, said):
        if REPORTS.search(said):
            self.logs.append(said)

    def account(self, name):
        self.ctl("account", "add", f"{name}@example.test", "--password-file", self.folder / "password")

    def start(self):
        log = open(self.folder / "roostd.log", "ab")
        at = log.tell()
        env = dict(os.environ, TSAN_OPTIONS="halt_on_error=0 exitcode=66 second_deadlock_stack=1",
                   UBSAN_OPTIONS="print_stacktrace=1")
        self.process = subprocess.Popen([self.bin / "roostd", "-c", self.conf], stderr=log, env=env)
        log.close()
        with open(self.folder / "roostd.log", "rb") as said:
            said.seek(at)
            while b"event=ready" not in said.readline():
                if self.process.poll() is not None:
                    raise AssertionError("roostd did not start: " + (self.folder / "roostd.log").read_text()[at:])
        self.port = self.listening_port()
        return self

    def listening_port(self):
        mine = set(self.descriptors())
        for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                return int(fields[1].split(":")[1], 16)
        raise AssertionError("roostd listens nowhere")

    def descriptors(self):
        """What each is. Those of the store's files stay open, up to their share."""
        found = []
        for fd in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                found.append(os.readlink(fd))
            except FileNotFoundError:
                continue
        return found

    def sockets(self):
        return sum(name.startswith("socket:") for name in self.descriptors())

    def rss_kb(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status)[1])

    def connect(self, **more):
        return Connection(self.port, **more)

    def ask(self, *args, **more):
        with self.connect() as c:
            return c.ask(request(*args, **more))

    def alive(self):
        return self.process.poll() is None

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        return self.process.wait(120)

    def end(self, keep=False):
        status = self.process.poll()
        wrong = [] if status is None else [f"roostd was gone: status {status}"]
        if status is None:
            status = self.stop()
            if status:
                wrong.append(f"roostd ended with status {status}")
        said = (self.folder / "roostd.log").read_text(errors="replace")
        if found := REPORTS.search(said):
            wrong.append(said[max(0, found.start() - 500):found.start() + 6000])
        wrong += self.logs
        if keep or wrong:
            wrong and wrong.append(f"kept: {self.folder}")
        else:
            shutil.rmtree(self.folder)
        return wrong

    def phone(self, store, *words, user="ann@example.test", check=True):
        done = subprocess.run([self.bin / "roost-phone", "--url", f"http://127.0.0.1:{self.port}", "--user", user,
                               "--password-file", self.folder / "password", "--store", self.folder / store,
                               "--device-id", store, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if check and done.returncode:
            raise AssertionError(f"roost-phone {words}: {done.returncode} {done.stderr.decode(errors='replace')}")
        return done

    def converges(self, user="ann@example.test", store="CLEAN"):
        """A clean phone comes to hold exactly what the store does; what is wrong with that, or None."""
        import json
        for words in (("provision",), ("folders",), ("sync", "--all")):
            self.phone(store, *words, user=user)
        have = {}
        for path in (self.folder / store).glob("*/*.eml"):
            have[path.name.split("%3A")[-1].split(":")[-1][:-4]] = path.read_bytes()
        want = {}
        for folder in json.loads(self.ctl("folder", "list", user, "--json").stdout):
            rows = self.ctl("message", "list", user, "--folder", folder["path"], "--json", check=False)
            for row in json.loads(rows.stdout or b"[]"):
                want[str(row["id"])] = row["size"]
        if {k: len(v) for k, v in have.items()} == want:
            return None
        return f"{user}: the phone has {len(have)} mails, the store {len(want)}; differing: " + \
            str(sorted(set(have) ^ set(want))[:10])
