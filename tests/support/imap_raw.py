"""An IMAP connection that says what it is told and shows what comes, octet by octet; COMPRESS and STARTTLS included."""
import re
import socket
import ssl
import zlib


class Imap:
    def __init__(self, host, port, greeting=True):
        self.socket = socket.create_connection((host, port), timeout=60)
        self.buffer, self.n, self.inflate, self.deflate = b"", 0, None, None
        if greeting:
            self.greeting = self.line()

    def send(self, octets):
        if self.deflate:
            octets = self.deflate.compress(octets) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
        self.socket.sendall(octets)

    def more(self):
        octets = self.socket.recv(65536)
        if not octets:
            raise EOFError
        self.buffer += self.inflate.decompress(octets) if self.inflate else octets

    def line(self):
        """A line with the literals in it, without its CRLF."""
        line = b""
        while True:
            while b"\r\n" not in self.buffer:
                self.more()
            part, self.buffer = self.buffer.split(b"\r\n", 1)
            line += part
            literal = re.search(rb"\{(\d+)\}$", part)
            if not literal:
                return line
            size = int(literal[1])
            while len(self.buffer) < size:
                self.more()
            line += b"\r\n" + self.buffer[:size]
            self.buffer = self.buffer[size:]

    def begin(self, text):
        self.n += 1
        tag = f"t{self.n}".encode()
        self.send(tag + b" " + (text if isinstance(text, bytes) else text.encode()) + b"\r\n")
        return tag

    def until(self, tag):
        lines = []
        while True:
            lines.append(self.line())
            if lines[-1].startswith(tag + b" "):
                lines[-1] = lines[-1][len(tag) + 1:]
                return [line.decode("utf-8", "replace") for line in lines]

    def say(self, text):
        """The lines of the answer; the last one without its tag."""
        return self.until(self.begin(text))

    def append(self, mailbox, octets, options=""):
        return self.say(f"APPEND {mailbox} {options}".encode() + b"{%d+}\r\n" % len(octets) + octets)

    def login(self, user, password):
        assert self.say(f"LOGIN {user} {password}")[-1].startswith("OK")
        return self

    def starttls(self):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self.socket, self.buffer = context.wrap_socket(self.socket), b""

    def compress(self):
        self.inflate, self.deflate = zlib.decompressobj(-15), zlib.compressobj(9, zlib.DEFLATED, -15)

    def closed(self):
        """True where the server ends the connection; what it said before is left in buffer."""
        try:
            while True:
                self.more()
        except (EOFError, ConnectionResetError):
            return True
        except (socket.timeout, TimeoutError):
            return False
