"""What the kept answers look like: for each command and element where it stood, what it held, how often, in which version."""
import collections
import pathlib
import xml.etree.ElementTree as ElementTree

Seen = collections.namedtuple("Seen", "version parent children text siblings")
"""One occurrence of an element: `siblings` is how many of its name its parent holds, itself included."""


def local(tag):
    return tag.rpartition("}")[2]


class Answers:
    """Documents named COMMAND-VERSION-*.xml (ROOST_TEST_DUMP, tests/support/eas_phone.h)."""

    def __init__(self, folder):
        self.elements = collections.defaultdict(list)
        self.versions = collections.defaultdict(set)
        self.documents = 0
        for path in sorted(pathlib.Path(folder).glob("*-*-*.xml")):
            command, version = path.name.split("-")[:2]
            try:
                root = ElementTree.parse(path).getroot()
            except ElementTree.ParseError:
                continue  # larger than the parser takes, or a document that xmllint complains of by itself
            self.documents += 1
            self.versions[command].add(version)
            self._walk(command, version, root, None, 1)

    def _walk(self, command, version, element, parent, siblings):
        children = [local(child.tag) for child in element]
        self.elements[command, local(element.tag)].append(
            Seen(version, parent, children, element.text or "", siblings))
        count = collections.Counter(children)
        for child in element:
            self._walk(command, version, child, local(element.tag), count[local(child.tag)])

    def of(self, command, element):
        """Occurrences of an element in the answers to a command; to any command for None."""
        if command:
            return self.elements.get((command, element), [])
        return [seen for (_, name), all_seen in self.elements.items() if name == element for seen in all_seen]
