#!/usr/bin/env python3
"""tnef_judge.py PROGRAM: files in a winmail.dat as our reader finds them and as tnef(1), which nobody here wrote, unpacks them."""
import pathlib
import struct
import subprocess
import sys
import tempfile

TITLE, DATA, RENDERING, ATTACHMENT = 0x18010, 0x6800F, 0x69002, 0x69005
VERSION, CODEPAGE, CLASS, SUBJECT, PROPERTIES = 0x89006, 0x69007, 0x78008, 0x18004, 0x69003


def attribute(level, kind, data):
    return struct.pack("<BII", level, kind, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def variable(kind, tag, data):
    return struct.pack("<HHII", kind, tag, 1, len(data)) + data + bytes(-len(data) % 4)


def unicode(tag, text):
    return variable(0x1F, tag, (text + "\0").encode("utf-16le"))


def properties(*each):
    return struct.pack("<I", len(each)) + b"".join(each)


NAMED = struct.pack("<HH16sI", 3, 0x8005, bytes(range(16)), 0) + struct.pack("<II", 0x8501, 15)
NAMED_TEXT = struct.pack("<HH16sII", 11, 0x8006, bytes(range(16)), 1, 6) + "abc".encode("utf-16le") + bytes(2) + bytes(4)
DATES = struct.pack("<HHI", 0x1040, 0x3007, 2) + bytes(16)


def file(data, title, *props):
    yield attribute(2, RENDERING, struct.pack("<HIHHI", 1, 0xFFFFFFFF, 0, 0, 0))
    yield attribute(2, TITLE, title + b"\0")
    yield attribute(2, DATA, data)
    yield attribute(2, ATTACHMENT, properties(struct.pack("<HHI", 3, 0x3705, 1), NAMED, NAMED_TEXT, DATES, *props))


def tnef(*files):
    head = [attribute(1, VERSION, struct.pack("<I", 0x10000)), attribute(1, CODEPAGE, struct.pack("<II", 1252, 0)),
            attribute(1, CLASS, b"IPM.Microsoft Mail.Note\0"), attribute(1, SUBJECT, b"two files\0"),
            attribute(1, PROPERTIES, properties(unicode(0x37, "two files"), struct.pack("<HHI", 11, 0x0E1F, 0)))]
    return struct.pack("<IH", 0x223E9F78, 1) + b"".join(head) + b"".join(b"".join(f) for f in files)


CASES = {
    "one": tnef(file(b"Hello, octets!\0\xff\x80", b"hello.bin")),
    "long-names": tnef(file(b"x" * 70000, b"REPORT~1.TXT", unicode(0x3707, "report of the year.txt"), unicode(0x370E, "text/plain")),
                       file(b"", b"empty.txt"), file(bytes(range(256)) * 3, b"all.bin", unicode(0x3707, "all octets.bin"))),
    "no-files": tnef(),
}


def ours(program, path):
    out = subprocess.run([program, path], stdout=subprocess.PIPE, check=True).stdout
    found = {}
    while out:
        head, out = out.split(b"\n", 1)
        n, name = head.split(b" ", 1)
        found[name.decode()], out = out[:int(n)], out[int(n):]
    return found


def theirs(path, folder):
    folder.mkdir()
    subprocess.run(["tnef", "-C", folder, path], stdout=subprocess.PIPE, check=True)
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def main(program):
    bad = 0
    with tempfile.TemporaryDirectory() as top:
        for name, octets in CASES.items():
            path = pathlib.Path(top, name)
            path.write_bytes(octets)
            mine, other = ours(program, path), theirs(path, pathlib.Path(top, name + ".d"))
            if mine != other:
                print(f"{name}: {({k: len(v) for k, v in mine.items()})} here, {({k: len(v) for k, v in other.items()})} there")
                bad += 1
    print(f"{len(CASES) - bad} of {len(CASES)} agree")
    return bad > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
