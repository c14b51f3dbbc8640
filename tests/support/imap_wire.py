"""IMAP for judges: a connection that says lines, and answers as nested lists of what they hold."""
import re
import socket


class Imap:
    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb", 1 << 18)
        self.n = 0
        self.file.readline()

    def response(self):
        """One response with its literals, as octets."""
        said = b""
        while True:
            line = self.file.readline()
            if not line:
                raise EOFError("the server is gone")
            said += line
            literal = re.search(rb"\{(\d+)\}\r\n$", line)
            if not literal:
                return said
            said += self.file.read(int(literal[1]))

    def send(self, command, *literals):
        """Sends a command; each literal follows where the command has a %s for it (LITERAL+)."""
        self.n += 1
        tag = b"a%d" % self.n
        parts = command.encode().split(b"%s")
        out = tag + b" " + parts[0]
        for literal, part in zip(literals, parts[1:]):
            out += b"{%d+}\r\n" % len(literal) + literal + part
        self.socket.sendall(out + b"\r\n")
        return tag

    def wait(self, tag):
        responses = []
        while True:
            said = self.response()
            if said.startswith(tag + b" "):
                return said[len(tag) + 1:].strip(), responses
            responses.append(said)

    def do(self, command, *literals):
        """The untagged responses of a command that must succeed."""
        status, responses = self.wait(self.send(command, *literals))
        if not status.upper().startswith(b"OK"):
            raise AssertionError(f"{command}: {status.decode()}")
        return responses


def parse(octets):
    """A response line: atoms and strings as bytes, NIL as None, lists as lists."""
    at = 0
    stack = [[]]
    while at < len(octets):
        c = octets[at:at + 1]
        if c in b" \r\n":
            at += 1
        elif c == b"(":
            stack.append([])
            at += 1
        elif c == b")":
            done = stack.pop()
            stack[-1].append(done)
            at += 1
        elif c == b'"':
            text, at = bytearray(), at + 1
            while octets[at:at + 1] != b'"':
                at += octets[at:at + 1] == b"\\"
                text += octets[at:at + 1]
                at += 1
            at += 1
            stack[-1].append(bytes(text))
        elif literal := re.compile(rb"~?\{(\d+)\}\r\n").match(octets, at):
            at = literal.end() + int(literal[1])
            stack[-1].append(octets[literal.end():at])
        else:
            atom = re.compile(rb"(?:[^\s()\"\[]|\[[^\]]*\])+").match(octets, at)
            at = atom.end()
            stack[-1].append(None if atom[0].upper() == b"NIL" else atom[0])
    assert len(stack) == 1, octets
    return stack[0]


def fetched(responses):
    """Number of a message to its items, of FETCH and UID FETCH (by UID where there is one)."""
    mails = {}
    for said in responses:
        row = parse(said)
        if len(row) > 3 and row[2].upper() == b"FETCH":
            items = {row[3][i].upper(): row[3][i + 1] for i in range(0, len(row[3]), 2)}
            mails.setdefault(int(row[1]), {}).update(items)
    return mails
