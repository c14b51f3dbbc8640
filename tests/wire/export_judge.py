#!/usr/bin/python3
"""
What `roostctl export` gives of calendars and contacts that were imported, read by programs that nobody here wrote
(python3-icalendar, python3-vobject): property by property, with its parameters, what went in.
"""
import collections
import os
import pathlib
import subprocess
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import icalendar  # noqa: E402
import vobject  # noqa: E402
from roostd import BIN, check, ctl, run  # noqa: E402

ANN = "ann@example.test"
# What is not imported as it stands there, and why.
DEVIATIONS = {
    "014.ics": "the DTSTART of an event is no time, so that it has none (RFC 5545 section 3.6.1); import says so",
    "110.ics": "empty lines within properties, which RFC 5545 section 3.1 does not know; import finds no time",
}
KINDS = {"VEVENT": "Calendar", "VTODO": "Tasks", "VJOURNAL": "Notes"}

# ---- calendars ----


def header_of(calendar):
    """What the calendar says of itself, which is each item's; how it was sent is not."""
    return [("VCALENDAR", *line) for line in lines_of(calendar, recursive=False) if line[0] != "METHOD"]


def lines_of(component, recursive=True):
    """Each property as its name, its parameters and its value; what is in it (alarms) as lines of its own, too."""
    for name, values in component.property_items(recursive=recursive, sorted=False):
        for value in values if isinstance(values, list) else [values]:
            octets = value.to_ical() if hasattr(value, "to_ical") else str(value).encode()
            parameters = sorted((k.upper(), str(v)) for k, v in getattr(value, "params", {}).items())
            yield name.upper(), tuple(parameters), octets.decode(errors="replace") if isinstance(octets, bytes) else octets


def name_of(component):
    instance = component.get("RECURRENCE-ID")
    return str(component.get("UID")), instance.to_ical().decode() if instance else ""


def components(text):
    """By kind and name; of several of one name all. None: icalendar does not read it."""
    found = collections.defaultdict(list)
    try:
        for calendar in icalendar.Calendar.from_ical(text, multiple=True):
            header = [] if calendar.name != "VCALENDAR" else header_of(calendar)
            for component in calendar.subcomponents if calendar.name == "VCALENDAR" else []:
                # An event without a time is none (RFC 5545 section 3.6.1), and import says so.
                if component.name in KINDS and component.get("UID") and (component.name != "VEVENT" or "DTSTART" in component):
                    found[component.name, *name_of(component)].append(collections.Counter(header + [*lines_of(component)]))
    except (ValueError, KeyError, IndexError, AttributeError, TypeError):
        return None
    return found


def differing(which, went_in, came_out):
    """What the two have otherwise than each other, in words; nothing where they are equal."""
    for name, counters in went_in.items():
        if came_out.get(name) != counters:
            gone = sum(counters, collections.Counter()) - sum(came_out.get(name, []), collections.Counter())
            new = sum(came_out.get(name, []), collections.Counter()) - sum(counters, collections.Counter())
            yield f"{which} {name}: lacks {dict(gone)}, has {dict(new)}"


# ---- contacts ----

def card_lines(card):
    for lines in card.contents.values():
        for line in lines:
            name = ((line.group + ".") if line.group else "") + line.name.upper()
            parameters = sorted((k.upper(), tuple(sorted(v))) for k, v in line.params.items())
            yield name, tuple(parameters), str(line.value)


def cards(text):
    """By UID, or what they are called; None: vobject does not read it, or it has a card that is not of 3.0."""
    try:
        read = list(vobject.readComponents(text))
    except Exception:  # vobject raises of every kind
        return None
    if any(card.name != "VCARD" or "version" not in card.contents or card.version.value != "3.0" for card in read):
        return None
    found = collections.defaultdict(list)
    for card in read:
        found["VCARD", str((card.contents.get("uid") or card.contents.get("fn"))[0].value)].append(
            collections.Counter(card_lines(card)))
    return found


# ---- both ----

def export(folder):
    return run("roostctl", "-c", "roost.conf", "export", ANN, "--folder", folder).decode(errors="replace")


def judge(what, suffix, folders, read):
    files = sorted((pathlib.Path(os.environ["ROOST_SHARED_DIR"]) / "corpus" / what).glob("*" + suffix))
    compared, passed, wrong = 0, [], []
    seen = set()
    for file in files:
        text = file.read_bytes().decode("utf-8", "replace")
        went_in = read(text)
        if went_in is None or seen & set(went_in):
            passed.append(file.name)
            continue
        seen |= set(went_in)
    # What it can't take it names, with status 1; what it took is compared.
    subprocess.run([BIN / "roostctl", "-c", "roost.conf", "import", ANN, *(f for f in files if f.name not in passed)],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    whole = {}
    for folder in folders:
        whole |= read(export(folder)) or {}
    for file in files:
        if file.name not in passed:
            went_in = read(file.read_bytes().decode("utf-8", "replace"))
            compared += len(went_in)
            wrong += [] if file.name in DEVIATIONS else differing(file.name, went_in, whole)
    print(f"{what}: {len(files)} files, {len(passed)} passed over ({' '.join(passed)}), {compared} items compared", file=sys.stderr)
    for line in wrong:
        print(line, file=sys.stderr)
    return compared, not wrong


if __name__ == "__main__":
    pathlib.Path("roost.conf").write_text(f"[server]\nstate_dir = {os.getcwd()}/state\n")
    os.makedirs("state", exist_ok=True)
    ctl("account", "add", ANN, "--password-stdin", given=b"secret\n")
    if "ROOST_SHARED_DIR" not in os.environ:
        print("skip export-judge no ROOST_SHARED_DIR with the calendars")
        sys.exit(0)
    compared, equal = judge("calendar", ".ics", KINDS.values(), components)
    check("an export of calendars is, property by property, what was imported", compared > 30 and equal)
    compared, equal = judge("contacts", ".vcf", ["Contacts"], cards)
    check("an export of contacts is, property by property, what was imported", compared > 10 and equal)
