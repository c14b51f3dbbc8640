"""roostd's front end for cases in Python: HTTPS with certificates of our own, raw connections, held requests, bounds."""
import base64
import os
import pathlib
import select
import socket
import ssl
import subprocess
import time

from roostd import BIN, HTTP_HOST, LMTP_HOST, Server, add_account, ctl

TLS_HOST = "127.0.0.3"
LIMIT_S = 60  # a guard: what has not happened by then has failed
SANITIZED = b"__asan_init" in (BIN / "roostd").read_bytes()  # what it takes of memory tells nothing then
HEALTHZ = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def make_certificate(name):
    """NAME.pem and NAME.key; what was there is replaced as administrators do, by a rename."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-keyout", f"{name}.key.new", "-out", f"{name}.pem.new", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name}"], check=True, stderr=subprocess.DEVNULL)
    os.rename(f"{name}.key.new", f"{name}.key")
    os.rename(f"{name}.pem.new", f"{name}.pem")


def certificate_of(name):
    return ssl.PEM_cert_to_DER_cert(pathlib.Path(f"{name}.pem").read_text())


def until(fn):
    """Asks until the answer is true; the answer."""
    deadline = time.monotonic() + LIMIT_S
    while time.monotonic() < deadline:
        answer = fn()
        if answer:
            return answer
    raise AssertionError("did not happen in time")


class Front(Server):
    """Listens for HTTPS, plain HTTP and LMTP; `more` is further configuration, `server` that of [server]."""

    def __init__(self, names=("localhost",), server="", more="", http=""):
        here = os.getcwd()
        tls = ""
        for name in names:
            make_certificate(name)
            tls += f"[tls{'' if name == names[0] else ' ' + name}]\ncertificate = {here}/{name}.pem\n" \
                   f"key = {here}/{name}.key\n"
        pathlib.Path("state").mkdir()
        pathlib.Path("roost.conf").write_text(
            f"[server]\nhostname = localhost\nstate_dir = {here}/state\n{server}\n{tls}"
            f"[http]\nlisten = {TLS_HOST}:0\nlisten_plain = {HTTP_HOST}:0\n{http}\n[lmtp]\nlisten = {LMTP_HOST}:0\n{more}\n")

    def start(self, *prefix):
        super().start(*prefix)
        self.tls = self.listening()[TLS_HOST]

    def plain(self, first=b""):
        return Connection(HTTP_HOST, self.http, first=first)

    def secure(self, sni="localhost", first=b""):
        return Connection(TLS_HOST, self.tls, sni, first)

    def memory(self, key="VmRSS"):
        """A number of /proc/PID/status in kB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1])
        raise KeyError(key)

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def healthy(self):
        with self.plain() as c:
            c.send(HEALTHZ)
            return c.answer()[0] == 200

    def log(self):
        return pathlib.Path("roostd.log").read_text()

    def end(self):
        """Its exit status, and the seconds it took."""
        began = time.monotonic()
        return self.stop(), time.monotonic() - began


class Connection:
    """A client's socket, plain or TLS (sni), whose waits are bounded. `first` goes out in front of TLS."""

    def __init__(self, host, port, sni=None, first=b""):
        self.socket = socket.create_connection((host, port), timeout=LIMIT_S)
        self.buffer = b""
        if first:
            self.socket.sendall(first)
        if sni is not None:
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket, server_hostname=sni or None)

    def certificate(self):
        return self.socket.getpeercert(binary_form=True)

    def send(self, octets):
        self.socket.sendall(octets)

    def try_send(self, octets):
        """The server may have ended before it has read all."""
        try:
            self.socket.sendall(octets)
        except (ConnectionError, ssl.SSLError):
            pass

    def more(self):
        try:
            octets = self.socket.recv(65536)
        except (ConnectionError, ssl.SSLError):
            octets = b""
        self.buffer += octets
        return octets

    def line(self):
        while b"\n" not in self.buffer and self.more():
            pass
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip().decode()

    def answer(self):
        """The next answer: status, headers in lower case, body; status 0 where the connection ended instead."""
        while b"\r\n\r\n" not in self.buffer:
            if not self.more():
                return 0, {}, b""
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        length = int(headers.get("content-length", 0))
        while len(self.buffer) < length:
            if not self.more():
                return 0, headers, self.buffer
        body, self.buffer = self.buffer[:length], self.buffer[length:]
        return int(lines[0].split()[1]), headers, body

    def silent(self):
        """Nothing has come, not even the end."""
        pending = self.socket.pending() if isinstance(self.socket, ssl.SSLSocket) else 0
        return not self.buffer and not pending and not select.select([self.socket], [], [], 0)[0]

    def ended(self):
        """Nothing more comes but the end."""
        return not self.buffer and not self.more()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()


def wbxml_text(tag, text):
    return bytes([tag | 0x40, 0x03]) + text.encode() + b"\x00\x01"


# Tokens of MS-ASWBXML sections 2.1.2.1.1 (code page 0), 2.1.2.1.8 (7) and 2.1.2.1.14 (13).
WBXML = b"\x03\x01\x6a\x00"
FOLDERSYNC_0 = WBXML + b"\x00\x07\x56" + wbxml_text(0x12, "0") + b"\x01"
SYNC_0 = WBXML + b"\x45\x5c\x4f" + wbxml_text(0x0B, "0") + wbxml_text(0x12, "1") + b"\x01\x01\x01"
PING = (WBXML + b"\x00\x0d\x45" + wbxml_text(0x08, "900") + b"\x49\x4a" + wbxml_text(0x0B, "1")
        + wbxml_text(0x0C, "Email") + b"\x01\x01\x01")
PING_DONE, PING_CHANGES = (wbxml_text(0x07, status) for status in "12")


class Account:
    """Of its own, so that its inbox is empty: phones that know an empty inbox can wait for what comes."""

    def __init__(self, name):
        self.address = f"{name}@example.test"
        add_account(self.address)

    def head(self, command, device, *headers):
        login = base64.b64encode(f"{self.address}:secret".encode()).decode()
        target = f"/Microsoft-Server-ActiveSync?Cmd={command}&User={self.address}&DeviceId={device}&DeviceType=T"
        return "\r\n".join((f"POST {target} HTTP/1.1", "Host: localhost", "MS-ASProtocolVersion: 14.1",
                            f"Authorization: Basic {login}", "Content-Type: application/vnd.ms-sync.wbxml", *headers,
                            "", "")).encode()

    def request(self, command, device, body, *headers):
        return self.head(command, device, f"Content-Length: {len(body)}", *headers) + body

    def ping(self, device):
        return self.request("Ping", device, PING)

    def ping_chunked(self, device):
        return self.head("Ping", device, "Transfer-Encoding: chunked") + b"%x\r\n%s\r\n0\r\n\r\n" % (len(PING), PING)

    def begin(self, connection, device):
        """The device has its folders and an empty inbox."""
        for command, body in ("FolderSync", FOLDERSYNC_0), ("Sync", SYNC_0):
            connection.send(self.request(command, device, body))
            assert connection.answer()[0] == 200

    def deliver(self):
        ctl("deliver", self.address, given=b"From: joe@far.test\r\nSubject: x\r\n\r\nx\r\n")
