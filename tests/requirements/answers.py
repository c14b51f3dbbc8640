"""What the kept answers look like: for each command and element where it stood, what it held, how often, in which version."""
import collections
import copy
import email.parser
import pathlib
import xml.etree.ElementTree as ElementTree

Seen = collections.namedtuple("Seen", "version parent children text siblings page item")
"""
One occurrence of an element: `siblings` is how many of its name its parent holds, itself included; `page` its namespace, `item`
that of the item whose properties it is among, as "Calendar"; None elsewhere.
"""

ITEMS = ("Email", "Calendar", "Contacts", "Tasks", "Notes")


Head = collections.namedtuple("Head", "command version method size begins status_line status headers")
"""Status line and headers of one answer; `size` is how many octets its body has, `begins` the first four of them in hex."""


def local(tag):
    return tag.rpartition("}")[2]


def page(tag):
    return tag.rpartition("}")[0].lstrip("{").rstrip(":")


def item_of(container):
    """A contact has elements of two pages; a mail has some of Calendar's and of Tasks', but deeper."""
    pages = {page(child.tag) for child in container}
    return next((item for item in ITEMS if item in pages), None)


def is_of_another_version(root):
    """What refuses a command that the version does not have (Status 138) has the root of a version that does."""
    return [child.text for child in root] == ["138"]


def read_head(path):
    command, version = path.name.split("-")[:2]
    asked, status_line, headers = path.read_bytes().decode("utf-8", "surrogateescape").split("\n", 2)
    method, size, begins = asked.split(" ")
    return Head(command, version, method, int(size), begins, status_line, int(status_line.split(" ")[1]),
                email.parser.HeaderParser().parsestr(headers))


class Answers:
    """
    Documents named COMMAND-VERSION-*.xml, and heads *.head (ROOST_TEST_DUMP, tests/support/eas_phone.h). Of which command a
    document is says its root: a phone that asks two things at once gets the answers in any order. Those of Autodiscover are
    the golden ones, which test_documents compares with what is written.
    """

    def __init__(self, folder, golden):
        self.elements = collections.defaultdict(list)
        self.versions = collections.defaultdict(set)
        self.documents = 0
        self.views = {}
        self.heads = [read_head(path) for path in sorted(pathlib.Path(folder).glob("*-*-*.head"))]
        for path in sorted(pathlib.Path(folder).glob("*-*-*.xml")):
            try:
                root = ElementTree.parse(path).getroot()
            except ElementTree.ParseError:
                continue  # larger than the parser takes, or a document that xmllint complains of by itself
            if not is_of_another_version(root):
                self._add(path.name.split("-")[1], root)
        for path in sorted(pathlib.Path(golden).glob("pox-mobilesync*.xml")) + sorted(
                pathlib.Path(golden).glob("pox-error*.xml")):
            self._add("all", ElementTree.parse(path).getroot())

    def _add(self, version, root):
        self.documents += 1
        self.versions[local(root.tag)].add(version)
        self._walk(local(root.tag), version, root, None, 1, None)

    def _walk(self, command, version, element, parent, siblings, item):
        children = [local(child.tag) for child in element]
        self.elements[command, local(element.tag)].append(
            Seen(version, parent, children, element.text or "", siblings, page(element.tag), item))
        count = collections.Counter(children)
        if local(element.tag) in ("ApplicationData", "Properties"):
            item = item_of(element)
        for child in element:
            self._walk(command, version, child, local(element.tag), count[local(child.tag)], item)

    def of_item(self, item):
        """The same, of the properties of such items alone; their own elements before those that other pages call alike."""
        if item not in self.views:
            view = copy.copy(self)
            own = (item, f"{item}2")
            view.elements = {}
            for key, all_seen in self.elements.items():
                among = [seen for seen in all_seen if seen.item == item]
                view.elements[key] = [seen for seen in among if seen.page in own] or among
            self.views[item] = view
        return self.views[item]

    def of(self, command, element):
        """Occurrences of an element in the answers to a command; to any command for None."""
        if command:
            return self.elements.get((command, element), [])
        return [seen for (_, name), all_seen in self.elements.items() if name == element for seen in all_seen]
