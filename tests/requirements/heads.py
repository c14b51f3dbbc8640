"""
The requirements of MS-ASHTTP that say what an answer's status line and headers are, by number: which answers they are
about, and what each of those must be. A requirement about answers that never came shows nothing.
"""
import re

from shapes import BROKEN, SHOWN, UNSEEN

WBXML = "application/vnd.ms-sync.wbxml"
WBXML_IN_UTF8 = "03016a00"
LINE = re.compile(r"HTTP/1\.1 \d{3} [^\r\n]*\r?")
VERSIONS = ("2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1")


def every(_):
    return True


def commands(head):
    return head.method == "POST"


def options(head):
    return head.method == "OPTIONS" and head.status == 200


def is_wbxml(head):
    return head.headers["Content-Type"] == WBXML


def succeeded(head):
    return commands(head) and head.status == 200


def plain(head):
    """Of a length that is known when it begins; one that is kept alive is sent in chunks."""
    return head.headers["Transfer-Encoding"] is None


def has_status(status):
    return lambda head: head.status == status


def is_well_formed(head):
    return LINE.fullmatch(head.status_line) is not None and not head.headers.defects


def length_is_true(head):
    return re.fullmatch(r"\d+", head.headers["Content-Length"] or "") and int(head.headers["Content-Length"]) == head.size


def necessary_headers(head):
    return length_is_true(head) and (head.size == 0 or head.headers["Content-Type"] is not None)


def is_compressed(head):
    return head.headers["Content-Encoding"] is not None


def empty_answer_to(command):
    return lambda head: succeeded(head) and head.command == command and head.size == 0


def text_of_versions(head):
    return head.headers["MS-ASProtocolVersions"].split(",")


# Requirement: (the answers it is about, what each of them must be).
RULES = {
    "R167": (commands, is_well_formed),
    "R169": (lambda head: is_wbxml(head) and head.size > 0, lambda head: head.begins == WBXML_IN_UTF8),
    "R170": (commands, is_well_formed),
    "R172": (commands, lambda head: LINE.fullmatch(head.status_line)),
    "R215": (lambda head: commands(head) and head.begins[:4] != "1f8b", lambda head: not is_compressed(head)),
    "R412": (lambda head: commands(head) and head.begins[:4] != "1f8b", lambda head: not is_compressed(head)),
    "R199": (lambda head: commands(head) and plain(head), length_is_true),
    "R216": (lambda head: commands(head) and plain(head), length_is_true),
    "R521": (lambda head: commands(head) and plain(head), length_is_true),
    "R201": (lambda head: head.begins == WBXML_IN_UTF8, is_wbxml),
    "R212": (succeeded, lambda head: not plain(head) or necessary_headers(head)),
    "R218": (lambda head: succeeded(head) and head.size > 0, lambda head: head.headers["Content-Type"] is not None),
    "R219": (lambda head: head.begins == WBXML_IN_UTF8, is_wbxml),
    "R220": (lambda head: commands(head) and head.size > 0 and head.begins != WBXML_IN_UTF8,
             lambda head: re.fullmatch(r"[\w.+-]+/[\w.+-]+(;.*)?", head.headers["Content-Type"] or "")),
    "R522": (lambda head: head.headers["Content-Type"] is not None,
             lambda head: re.fullmatch(r"[\w.+-]+/[\w.+-]+(;.*)?", head.headers["Content-Type"])),
    "R222": (lambda head: head.status == 200, lambda head: head.headers["MS-Server-ActiveSync"] in VERSIONS),
    "R228": (lambda head: succeeded(head) and head.size > 0, lambda head: head.headers["Content-Type"] is not None),
    "R230": (lambda head: succeeded(head) and head.command == "GetAttachment", lambda head: not is_wbxml(head)),
    "R482": (empty_answer_to("Sync"), lambda head: not is_wbxml(head)),
    "R238": (options, lambda head: set(text_of_versions(head)) <= set(VERSIONS)),
    "R239": (options, is_well_formed),
    "R240": (options, lambda head: not any(ord(c) > 0x7E for _, value in head.headers.items() for c in value)),
    "R241": (options, lambda head: is_well_formed(head) and head.size == 0),
    "R244": (options, lambda head: "MS-ASProtocolCommands" in head.headers and "MS-ASProtocolVersions" in head.headers),
    "R249": (options, lambda head: set(text_of_versions(head)) <= set(VERSIONS)),
    "R297": (options, lambda head: set(text_of_versions(head)) & set(VERSIONS)),
}


def verdict(answers, document, number):
    """SHOWN, BROKEN or UNSEEN; None for a requirement that is not here."""
    if document != "MS-ASHTTP" or number not in RULES:
        return None
    about, must_be = RULES[number]
    of = [head for head in answers.heads if about(head)]
    if not of:
        return UNSEEN
    return SHOWN if all(must_be(head) for head in of) else BROKEN
