"""Which requirements the tests name: "MS-ASCMD_R4460", "MS-ASCMD R4460, R4461", "MS-ASEMAIL R1237 to R1240"."""
import collections
import pathlib
import re

SOURCES = ("*.c", "*.h", "*.py", "*.sh", "*.tsv")
CITATION = re.compile(r"(MS-AS[A-Z]+)[_ ](R\d+(?:(?:,| and| to|, and)\s+(?:\*\s+)?R\d+)*)")
RANGE_MAX = 200


def numbers_of(citation):
    """R-numbers of one citation; "R5 to R8" are all that lie between."""
    numbers, last = [], None
    for joint, number in re.findall(r"(, and|,| and| to|^)\s*(?:\*\s+)?R(\d+)", citation):
        if joint.strip() == "to" and last is not None and 0 < int(number) - last <= RANGE_MAX:
            numbers += range(last + 1, int(number))
        numbers.append(int(number))
        last = int(number)
    return [f"R{n}" for n in numbers]


def named_in(folder):
    """{(document, R-number): {file}}"""
    found = collections.defaultdict(set)
    for pattern in SOURCES:
        for path in sorted(pathlib.Path(folder).rglob(pattern)):
            if path.parent.name == "requirements":
                continue
            for document, citation in CITATION.findall(path.read_text(errors="replace")):
                for number in numbers_of(citation):
                    found[document, number].add(str(path))
    return found
