"""Which requirements the tests name: "MS-ASCMD_R4460", "MS-ASCMD R4460, R4461". "R5 to R8" is R5 alone: who says more has read less."""
import collections
import pathlib
import re

SOURCES = ("*.c", "*.h", "*.py", "*.sh", "*.tsv")
CITATION = re.compile(r"(MS-AS[A-Z]+)[_ ](R\d+(?:(?:,| and|, and)\s+(?:\*\s+)?R\d+)*)")


def numbers_of(citation):
    return re.findall(r"R\d+", citation)


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
