"""The requirements that are tokens of a code page, against the project's own table of them."""
import csv
import re

TOKEN = re.compile(r"Code Page (?P<page>\d+): [\w\d]+\] ?\[Tag name\] ?(?P<tag>[\w:]+) *(?:<\d+>|- see note[^\[]*)? ?"
                   r"\[Token\] *(?P<token>0x[\dA-Fa-f]+)")
PAGE = re.compile(r"\[Code page\] (?P<page>\d+) ?\[that indicates\] \[XML namespace\] (?P<namespace>\w+)")


def read(path):
    """({(page, token): tag}, {page: namespace})"""
    tags, pages = {}, {}
    with open(path, newline="") as lines:
        for row in csv.reader((line for line in lines if not line.startswith("#")), delimiter="\t"):
            tags[int(row[0]), int(row[2], 16)] = row[3]
            pages[int(row[0])] = row[1]
    return tags, pages


def holds(table, sentence):
    """True, False, or None for a sentence about something else."""
    tags, pages = table
    m = TOKEN.search(sentence)
    if m:
        return tags.get((int(m["page"]), int(m["token"], 16)), "").lower() == m["tag"].lower()
    m = PAGE.search(sentence)
    if m:
        return pages.get(int(m["page"]), "").rstrip(":").lower() == m["namespace"].lower()
    return None
