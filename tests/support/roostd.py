"""roostd as cases in Python start it: over HTTP without TLS and LMTP, on ports that the kernel chose."""
import os
import pathlib
import re
import signal
import socket
import subprocess

BIN = pathlib.Path(os.environ["ROOST_BIN"])
HTTP_HOST, LMTP_HOST, IMAP_HOST = "127.0.0.2", "127.0.0.1", "127.0.0.3"  # addresses, to tell the ports apart


def check(sentence, holds):
    print("ok" if holds else "not ok", sentence, flush=True)


def crlf(octets):
    """Line ends as the store keeps them."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", octets)


class Server:
    def __init__(self, imap=None, more="", **lmtp):
        """imap: settings of [imap] beside its listener; None: it does not listen. more: further lines."""
        self.lmtp_socket = str(pathlib.Path("lmtp").absolute())
        settings = {"listen": f"{LMTP_HOST}:0 unix:{self.lmtp_socket}"} | lmtp
        pathlib.Path("state").mkdir()
        pathlib.Path("roost.conf").write_text(
            f"[server]\nhostname = mx.example.test\ndefault_domain = example.test\nstate_dir = {os.getcwd()}/state\n"
            f"[http]\nlisten_plain = {HTTP_HOST}:0\n[lmtp]\n"
            + "".join(f"{key} = {value}\n" for key, value in settings.items())
            + ("" if imap is None else f"[imap]\nlisten = {IMAP_HOST}:0\n")
            + "".join(f"{key} = {value}\n" for key, value in (imap or {}).items()) + more)
        self.process = None

    def start(self, *prefix):
        """Returns when it listens. prefix: a command that runs it."""
        self.process = subprocess.Popen([*prefix, BIN / "roostd", "-c", "roost.conf"], stderr=subprocess.PIPE)
        with open("roostd.log", "ab") as log:
            for line in self.process.stderr:
                log.write(line)
                if b"event=ready" in line:
                    break
            else:
                raise RuntimeError("roostd does not start, see roostd.log")
        # The rest of what it says goes to the file without us.
        self.drain = subprocess.Popen(["tee", "-a", "roostd.log"], stdin=self.process.stderr, stdout=subprocess.DEVNULL)
        self.process.stderr.close()
        ports = self.listening()
        self.http, self.lmtp, self.imap = (ports.get(host) for host in (HTTP_HOST, LMTP_HOST, IMAP_HOST))

    def listening(self):
        """Address to port, from the kernel's list."""
        mine = set()
        for fd in pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir():
            try:
                found = re.fullmatch(r"socket:\[(\d+)\]", os.readlink(fd))
            except FileNotFoundError:  # closed since it was listed: a listener is not
                continue
            if found:
                mine.add(found[1])
        ports = {}
        for row in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
            fields = row.split()
            if fields[3] == "0A" and fields[9] in mine:
                address, port = fields[1].split(":")
                ports[socket.inet_ntoa(bytes.fromhex(address)[::-1])] = int(port, 16)
        return ports

    def busy_s(self):
        """Seconds of a processor it has taken so far: what it takes of them does not hang on what else the machine does."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, with_signal=signal.SIGTERM):
        self.process.send_signal(with_signal)
        status = self.process.wait()
        self.drain.wait()
        return status


def run(program, *words, given=b"", status=0):
    """What the program said on stdout."""
    done = subprocess.run([BIN / program, *map(str, words)], input=given, stdout=subprocess.PIPE)
    if done.returncode != status:
        raise AssertionError(f"{program} {words}: status {done.returncode} instead of {status}")
    return done.stdout


def ctl(*words, given=b""):
    return run("roostctl", "-c", "roost.conf", *words, given=given)


def add_account(address):
    ctl("account", "add", address, "--password-stdin", given=b"secret\n")


class Phone:
    """roost-phone with a store of its own."""

    def __init__(self, server, address, name):
        self.words = ["--url", f"http://{HTTP_HOST}:{server.http}", "--user", address, "--password", "secret", "--store",
                      name, "--device-id", name, "--body", "mime"]
        self.store = pathlib.Path(name)

    def begin(self):
        for command in "provision", "folders", "sync":
            self.do(command)

    def do(self, *words):
        return run("roost-phone", *self.words, *words)

    def start(self, *words):
        return subprocess.Popen([BIN / "roost-phone", *self.words, *words], stderr=subprocess.PIPE)

    def mails(self):
        return [path.read_bytes() for path in self.store.rglob("*.eml")]


class Lmtp:
    """A session whose octets nobody puts right."""

    def __init__(self, server, unix=False, at=None):
        """at: the host and port of somebody else's."""
        if at:
            self.socket = socket.create_connection(at)
        elif unix:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.connect(server.lmtp_socket)
        else:
            self.socket = socket.create_connection((LMTP_HOST, server.lmtp))
        self.file = self.socket.makefile("rb")
        self.answer()
        self.say(b"LHLO wire.test")

    def answer(self):
        while True:
            line = self.file.readline()
            if not line.endswith(b"\r\n"):
                raise EOFError("the server is gone")
            if line[3:4] == b" ":
                return line.decode().rstrip()

    def say(self, line):
        self.socket.sendall(line + b"\r\n")
        return self.answer()

    def deliver(self, recipients, octets):
        """The answers, one for each recipient that was accepted."""
        self.socket.sendall(b"MAIL FROM:<joe@far.test>\r\n"
                            + b"".join(b"RCPT TO:<%s>\r\n" % r.encode() for r in recipients)
                            + b"BDAT %d LAST\r\n" % len(octets))
        self.answer()
        accepted = sum(self.answer().startswith("250") for _ in recipients)
        self.socket.sendall(octets)
        return [self.answer() for _ in range(accepted)]

    def close(self):
        self.file.close()
        self.socket.close()
