#!/usr/bin/env python3
"""compose_judge.py PROGRAM: what our composer writes, read by Python's email module, which nobody here wrote."""
import email
import email.header
import email.policy
import email.utils
import inspect
import re
import subprocess
import sys

N = 1500


def records(stream):
    """(name, octets) of the program's output."""
    while head := stream.readline():
        name, n = head.split()
        yield name.decode(), stream.read(int(n))
        stream.readline()


def mails(stream):
    mail = []
    for name, value in records(stream):
        if name == "end":
            yield mail
            mail = []
        else:
            mail.append((name, value))


def flat(header):
    """The text of a header as its reader sees it. Python's new policy differs from RFC 2047 on blanks: use the old one."""
    text = "".join(part.decode(charset or "ascii") if isinstance(part, bytes) else part
                   for part, charset in email.header.decode_header(re.sub(r"\r\n(?=[ \t])", "", header)))
    return text


def addresses_of(header):
    """Debian's Python, as newer ones do, takes no address with a bracket, quoted or not, unless it is told to."""
    told = {"strict": False} if "strict" in inspect.signature(email.utils.getaddresses).parameters else {}
    return email.utils.getaddresses([header], **told)


def check(facts):
    raw = dict(facts)["mail"]
    parsed = email.message_from_bytes(raw, policy=email.policy.compat32)
    of = lambda name: [value for n, value in facts if n == name]
    nested = b"message/rfc822" in of("part-type")

    assert set(parsed.keys()) <= {"Date", "To", "Subject", "MIME-Version", "Content-Type", "Content-Transfer-Encoding"}
    assert flat(parsed["Subject"] or "") == of("subject")[0].decode(), "subject"
    got = [(name, spec) for name, spec in addresses_of(parsed["To"] or "") if name or spec]
    assert len(got) == len(of("to-local")), "number of addresses"
    for (name, spec), want, domain in zip(got, of("to-name"), of("to-domain")):
        assert re.sub(" +", " ", flat(name)) == re.sub(" +", " ", want.decode()), "name"
        assert spec.endswith("@" + domain.decode()), "domain"
    if nested:
        return
    leaves = [p for p in parsed.walk() if not p.is_multipart()]
    assert not any(p.defects for p in parsed.walk()), "defects"
    texts = [p for p in leaves if p.get_content_disposition() is None]
    for kind in ("plain", "html"):
        for want in of(kind):
            got = [p.get_payload(decode=True) for p in texts if p.get_content_subtype() == kind]
            assert [re.sub(b"\r?\n", b"\r\n", g) for g in got] == [want], kind
    parts = [p for p in leaves if p.get_content_disposition() is not None]
    assert len(parts) == len(of("part-bytes")), "number of parts"
    for p, name, octets in zip(parts, of("part-name"), of("part-bytes")):
        assert p.get_payload(decode=True) == octets, "octets"
        if name and not name.startswith(b"<"):  # Python takes brackets for quotes here
            assert p.get_filename() == name.decode(), "file name"


def main():
    with subprocess.Popen([sys.argv[1], str(N)], stdout=subprocess.PIPE) as program:
        n = 0
        for facts in mails(program.stdout):
            try:
                check(facts)
            except Exception as e:
                sys.exit(f"mail {n}: {e!r}\n{facts}")
            n += 1
    assert n == N and program.returncode == 0
    print(n, "mails read back")


main()
