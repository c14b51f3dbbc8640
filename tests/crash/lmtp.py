"""Mail in by LMTP (RFC 2033): a client that tells what was answered for each recipient."""
import socket

TIMEOUT_S = 60


class Lost(Exception):
    """The connection ended before the answer."""


class Client:
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(TIMEOUT_S)
        self.file = None
        try:
            self.socket.connect(str(path))
            self.file = self.socket.makefile("rb")
            self.greeting = self.reply()
            if self.greeting == 220:
                self.command("LHLO tests.example")
        except OSError as e:
            self.close()
            raise Lost(str(e)) from e

    def close(self):
        if self.file:
            self.file.close()
        self.socket.close()

    def reply(self):
        try:
            while True:
                line = self.file.readline()
                if not line.endswith(b"\n"):
                    raise Lost("closed")
                if line[3:4] == b" ":
                    return int(line[:3])
        except OSError as e:
            raise Lost(str(e)) from e

    def command(self, text):
        return self.send(text.encode() + b"\r\n").reply()

    def send(self, octets):
        try:
            self.socket.sendall(octets)
        except OSError as e:
            raise Lost(str(e)) from e
        return self

    def deliver(self, recipients, text):
        """The reply to each recipient, in their order: that to RCPT where it is no 250, else that to the message."""
        self.command("MAIL FROM:<sender@example.test>")
        codes = [self.command(f"RCPT TO:<{r}>") for r in recipients]
        if 250 not in codes:
            self.command("RSET")
            return codes
        code = self.command("DATA")
        if code != 354:
            return [code] * len(codes)
        stuffed = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in text.split(b"\r\n"))
        self.send(stuffed + b".\r\n")
        return [self.reply() if code == 250 else code for code in codes]


def message(name, size=0):
    """A mail that is known by its subject, of about `size` octets."""
    head = (f"From: sender@example.test\r\nTo: anybody@example.test\r\nSubject: {name}\r\nMessage-ID: <{name}@tests>\r\n"
            "Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nContent-Type: text/plain\r\n\r\n").encode()
    line = f"{name} lies here and is compared octet by octet\r\n".encode()
    return head + line * (1 + max(0, size - len(head)) // len(line))
