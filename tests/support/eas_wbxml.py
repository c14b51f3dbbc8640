"""
ActiveSync documents as trees and as WBXML, for cases that must not trust roost's own reader and writer. It knows what the
documents use of WBXML (MS-ASWBXML): no attributes, no string table, opaque data. The table of tags is the project's.
"""
import base64
import os
import pathlib
import xml.etree.ElementTree as ElementTree

TABLE = pathlib.Path(os.environ["ROOST_SOURCE"]) / "wbxml/codepages.tsv"
SWITCH_PAGE, END, INLINE_STRING, OPAQUE, HAS_CONTENT = 0x00, 0x01, 0x03, 0xC3, 0x40
HEADER = bytes.fromhex("03016a00")  # version 1.3, no public id, UTF-8, no string table
RAW = {"{ComposeMail}Mime", "{AirSyncBase}Data", "{Email}MIMEData"}  # octets that are a text


def _load():
    tags, names, binary = {}, {}, set()
    for line in TABLE.read_text().splitlines():
        if line.startswith("#"):
            continue
        page, namespace, token, tag, _versions, content = line.split("\t")
        name = f"{{{namespace}}}{tag}"
        tags[int(page), int(token, 16)] = name
        names[name] = int(page), int(token, 16)
        if content == "binary":
            binary.add(name)
    return tags, names, binary - RAW


TAGS, NAMES, BINARY = _load()


def _length(n):
    """A multi-byte integer (WBXML 1.3, 5.1)."""
    octets = [n & 0x7F]
    while n := n >> 7:
        octets.insert(0, n & 0x7F | 0x80)
    return bytes(octets)


def _content(element):
    text = element.text or ""
    if element.tag in BINARY:
        octets = base64.b64decode(text)
    elif element.tag in RAW and element.tag != "{AirSyncBase}Data":
        octets = text.replace("\n", "\r\n").encode()
    else:
        return bytes([INLINE_STRING]) + text.encode() + b"\0"
    return bytes([OPAQUE]) + _length(len(octets)) + octets


def _put(element, page):
    """The octets of an element, and the page they leave behind."""
    to, token = NAMES[element.tag]
    octets = bytes([SWITCH_PAGE, to]) if to != page else b""
    if not len(element) and not (element.text or "").strip():
        return octets + bytes([token]), to
    octets += bytes([token | HAS_CONTENT])
    page = to
    if not len(element):
        return octets + _content(element) + bytes([END]), page
    for child in element:
        part, page = _put(child, page)
        octets += part
    return octets + bytes([END]), page


def encode(root):
    return HEADER + _put(root, 0)[0]


class _Reader:
    def __init__(self, octets):
        self.octets, self.at, self.page = octets, 4, 0
        if octets[:4] != HEADER:
            raise ValueError("not a document of ActiveSync")

    def byte(self):
        self.at += 1
        return self.octets[self.at - 1]

    def string(self):
        end = self.octets.index(0, self.at)
        text = self.octets[self.at:end].decode()
        self.at = end + 1
        return text

    def opaque(self, name):
        n = 0
        while True:
            octet = self.byte()
            n = n << 7 | octet & 0x7F
            if not octet & 0x80:
                break
        octets = self.octets[self.at:self.at + n]
        self.at += n
        return base64.b64encode(octets).decode() if name in BINARY else octets.decode()

    def token(self):
        octet = self.byte()
        while octet == SWITCH_PAGE:
            self.page = self.byte()
            octet = self.byte()
        return octet

    def element(self, token):
        element = ElementTree.Element(TAGS[self.page, token & 0x3F])
        if not token & HAS_CONTENT:
            return element
        while (token := self.token()) != END:
            if token == INLINE_STRING:
                element.text = (element.text or "") + self.string()
            elif token == OPAQUE:
                element.text = (element.text or "") + self.opaque(element.tag)
            else:
                element.append(self.element(token))
        return element


def decode(octets):
    reader = _Reader(octets)
    root = reader.element(reader.token())
    if reader.at != len(octets):
        raise ValueError("octets behind the document")
    return root


def _prefix(namespace):
    return namespace.lower()


def to_text(root, indent=""):
    """As people read it: the root's namespace is the default one, others have prefixes; one element a line."""
    home = root.tag[1:].split("}")[0]
    used = sorted({e.tag[1:].split("}")[0] for e in root.iter()} - {home})
    lines = []

    def escape(text):
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r\n", "\n")

    def put(element, depth, more=""):
        namespace, tag = element.tag[1:].split("}")
        name = tag if namespace == home else f"{_prefix(namespace)}:{tag}"
        pad = indent + "  " * depth
        if len(element):
            lines.append(f"{pad}<{name}{more}>")
            for child in element:
                put(child, depth + 1)
            lines.append(f"{pad}</{name}>")
        elif element.text:
            lines.append(f"{pad}<{name}{more}>{escape(element.text)}</{name}>")
        else:
            lines.append(f"{pad}<{name}{more}/>")

    put(root, 0, f' xmlns="{home}"' + "".join(f' xmlns:{_prefix(n)}="{n}"' for n in used))
    return "\n".join(lines)
