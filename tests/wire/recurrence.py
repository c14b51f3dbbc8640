#!/usr/bin/python3
"""
What a phone is told of a recurrence, expanded by python3-dateutil as MS-ASCAL 2.2.2.37 says it, against the rule that was
imported, expanded by it too: the same instants over ten years. And zones of phones, by the zoneinfo of their names.
"""
import base64
import calendar
import datetime
import http.client
import os
import pathlib
import re
import struct
import sys
import zoneinfo
from xml.etree import ElementTree

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
import eas_wbxml  # noqa: E402
import icalendar  # noqa: E402
from dateutil import rrule  # noqa: E402
from roostd import HTTP_HOST, Server, add_account, check, ctl, run  # noqa: E402

ANN, TEN_YEARS = "ann@example.test", datetime.timedelta(days=3653)
UTC, DAYS = datetime.timezone.utc, [rrule.SU, rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA]

# start (local), zone, rule, instances that are deleted
MADE = [(f"{start}T130000", zone, rule, []) for zone, start in
        [("Europe/Berlin", "20260715"), ("America/New_York", "20260131"), ("Australia/Sydney", "20260401"),
         ("Pacific/Auckland", "20260901"), ("Asia/Kolkata", "20260228")] for rule in [
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3;COUNT=40", "FREQ=DAILY;UNTIL=20270301T000000Z",
    "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO", "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SA;WKST=WE;COUNT=77",
    "FREQ=WEEKLY;BYDAY=MO,WE,FR;UNTIL=20280301T235959Z", "FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=31",
    "FREQ=MONTHLY;BYMONTHDAY=-1;INTERVAL=2", "FREQ=MONTHLY;BYDAY=3WE", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=30",
    "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=2",
    "FREQ=MONTHLY;BYDAY=SU,MO,TU,WE,TH,FR,SA;BYSETPOS=3", "FREQ=YEARLY", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29",
    "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=5", "FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;INTERVAL=2"]]
MADE += [("20261020T013000", "Europe/Berlin", "FREQ=DAILY;COUNT=20", ["20261022T013000", "20261030T013000"]),
         ("20270301T233000", "America/New_York", "FREQ=WEEKLY;COUNT=9", ["20270315T233000"])]
ZONES = ["Europe/Berlin", "Europe/London", "America/New_York", "America/Denver", "America/Phoenix", "America/Sao_Paulo",
         "America/Santiago", "Australia/Sydney", "Pacific/Auckland", "Asia/Kolkata", "Asia/Tokyo"]


# ---- a phone ----

class Phone:
    def __init__(self, server):
        self.server, self.key = server, "0"

    def ask(self, command, text):
        connection = http.client.HTTPConnection(HTTP_HOST, self.server.http)
        connection.request("POST", f"/Microsoft-Server-ActiveSync?Cmd={command}&User={ANN}&DeviceId=judge&DeviceType=judge",
                           eas_wbxml.encode(ElementTree.fromstring(text)), {
                               "MS-ASProtocolVersion": "14.1", "Content-Type": "application/vnd.ms-sync.wbxml",
                               "Authorization": "Basic " + base64.b64encode(f"{ANN}:secret".encode()).decode()})
        octets = connection.getresponse().read()
        connection.close()
        return eas_wbxml.decode(octets)

    def find_calendar(self):
        folders = self.ask("FolderSync", '<FolderSync xmlns="FolderHierarchy"><SyncKey>0</SyncKey></FolderSync>')
        self.folder = next(e.findtext("{FolderHierarchy}ServerId") for e in folders.iter("{FolderHierarchy}Add")
                           if e.findtext("{FolderHierarchy}Type") == "8")

    def sync(self, commands=""):
        more = "" if self.key == "0" else "<GetChanges/><WindowSize>512</WindowSize><Options><FilterType>0</FilterType></Options>"
        answer = self.ask("Sync", '<Sync xmlns="AirSync" xmlns:c="Calendar"><Collections><Collection>'
                          f"<SyncKey>{self.key}</SyncKey><CollectionId>{self.folder}</CollectionId>{more}{commands}"
                          "</Collection></Collections></Sync>")
        self.key = answer.find(".//{AirSync}SyncKey").text
        return answer

    def events(self):
        self.sync()
        while True:
            answer = self.sync()
            yield from answer.iter("{AirSync}ApplicationData")
            if answer.find(".//{AirSync}MoreAvailable") is None:
                return


# ---- its zones: 172 octets (MS-ASDTYPE 2.7.4) ----

def nth_weekday(year, month, weekday, week):
    first = (weekday - datetime.date(year, month, 1).isoweekday() % 7) % 7 + 1
    last = calendar.monthrange(year, month)[1]
    return first + 7 * (week - 1) - (7 if first + 7 * (week - 1) > last else 0)


class Zone:
    """As the phone understands the octets: one pair of rules for all years."""

    def __init__(self, octets):
        bias, = struct.unpack_from("<i", octets, 0)
        self.changes = [struct.unpack_from("<8H", octets, at) for at in (68, 152)]
        self.offsets = [-(bias + struct.unpack_from("<i", octets, at)[0]) for at in (84, 168)]

    def changed(self, which, year):
        _year, month, weekday, week, hour, minute, _second, _ms = self.changes[which]
        return datetime.datetime(year, month, nth_weekday(year, month, weekday, week), hour, minute)

    def offset(self, local):
        if not self.changes[1][1]:
            return self.offsets[0]
        standard, daylight = self.changed(0, local.year), self.changed(1, local.year)
        summer = daylight <= local < standard if daylight < standard else not standard <= local < daylight
        return self.offsets[summer]

    def to_utc(self, local):
        return local - datetime.timedelta(minutes=self.offset(local))

    def from_utc(self, utc):
        for minutes in sorted(self.offsets, reverse=True):
            local = utc + datetime.timedelta(minutes=minutes)
            if self.offset(local) == minutes:
                return local
        return utc + datetime.timedelta(minutes=self.offsets[0])


def change_of(zone, year, to_summer):
    """SYSTEMTIME of the change of a zone of zoneinfo in that year, and the offset from then on in minutes; None: none."""
    hour = datetime.datetime(year, 1, 1, tzinfo=UTC)
    while hour.year == year:
        before, after = (t.astimezone(zone).utcoffset() for t in (hour, hour + datetime.timedelta(hours=1)))
        if after != before and (after > before) == to_summer:
            local = (hour + datetime.timedelta(hours=1) + before).replace(tzinfo=None)
            last = local.day + 7 > calendar.monthrange(year, local.month)[1]
            return (0, local.month, local.isoweekday() % 7, 5 if last else (local.day + 6) // 7, local.hour, local.minute,
                    0, 0), int(after.total_seconds() // 60)
        hour += datetime.timedelta(hours=1)
    return None


def blob_of(name):
    zone = zoneinfo.ZoneInfo(name)
    standard, summer = change_of(zone, 2026, False), change_of(zone, 2026, True)
    if not standard:
        now = int(datetime.datetime(2026, 1, 1, tzinfo=zone).utcoffset().total_seconds() // 60)
        return struct.pack("<i64x16xi64x16xi", -now, 0, 0)
    return struct.pack("<i64x8Hi64x8Hi", -standard[1], *standard[0], 0, *summer[0], standard[1] - summer[1])


# ---- the rule that a phone is told ----

def moment(text):
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ")


def told_locals(event):
    def get(element, name):
        return element.findtext(f"{{Calendar}}{name}")

    def number(name):
        text = get(rule, name)
        return None if text is None else int(text)

    rule, zone = event.find("{Calendar}Recurrence"), Zone(base64.b64decode(get(event, "Timezone")))
    if get(event, "AllDayEvent") == "1":
        zone = Zone(bytes(172))
    start = zone.from_utc(moment(get(event, "StartTime")))
    kind, week = number("Type"), number("WeekOfMonth")
    days = [day for i, day in enumerate(DAYS) if (number("DayOfWeek") or 0) >> i & 1]
    words = {"dtstart": start, "interval": number("Interval") or 1, "count": number("Occurrences")}
    if get(rule, "Until"):
        words["until"] = zone.from_utc(moment(get(rule, "Until")))
    if kind in (0, 1):
        words |= {"byweekday": days or None, "wkst": DAYS[number("FirstDayOfWeek") or 0] if kind == 1 else None}
    elif kind in (2, 5):
        words["bymonthday"] = number("DayOfMonth")
    else:
        words |= {"byweekday": days, "bysetpos": -1 if week == 5 else week}
    if kind in (5, 6):
        words["bymonth"] = number("MonthOfYear")
    frequency = {0: rrule.WEEKLY if days else rrule.DAILY, 1: rrule.WEEKLY, 2: rrule.MONTHLY, 3: rrule.MONTHLY,
                 5: rrule.YEARLY, 6: rrule.YEARLY}[kind]
    locals_ = {*ten_years(rrule.rrule(frequency, **words), start), start}
    for exception in event.iter("{Calendar}Exception"):
        locals_.discard(zone.from_utc(moment(get(exception, "ExceptionStartTime"))))
        if get(exception, "Deleted") != "1" and zone.from_utc(moment(get(exception, "StartTime"))) < start + TEN_YEARS:
            locals_.add(zone.from_utc(moment(get(exception, "StartTime"))))
    return locals_, zone


def told_instants(event):
    locals_, zone = told_locals(event)
    return {zone.to_utc(t) for t in locals_}


def ten_years(rule, start):
    for t in rule:
        if t >= start + TEN_YEARS:
            return
        yield t


# ---- the rule that was imported ----

def made_text(number, start, zone, rule, deleted):
    exdates = "".join(f"EXDATE;TZID={zone}:{text}\r\n" for text in deleted)
    return ("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//judge//EN\r\nBEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n"
            f"UID:made-{number}\r\nDTSTART;TZID={zone}:{start}\r\nDURATION:PT1H\r\nRRULE:{rule}\r\n{exdates}"
            "END:VEVENT\r\nEND:VCALENDAR\r\n")


def made_instants(start, zone, rule, deleted):
    """Wall clocks of the rule, in the zone as zoneinfo has it."""
    zone, first = zoneinfo.ZoneInfo(zone), datetime.datetime.strptime(start, "%Y%m%dT%H%M%S")

    def utc(local):
        return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    until = re.search(r";?UNTIL=(\d{8}T\d{6}Z)", rule)
    rule = rule.replace(until[0], "") if until else rule
    last = moment(until[1]) if until else utc(first + TEN_YEARS)
    gone = {utc(datetime.datetime.strptime(text, "%Y%m%dT%H%M%S")) for text in deleted}
    instants = {utc(t) for t in ten_years(rrule.rrulestr(rule, dtstart=first), first)}
    return {t for t in instants if t <= last} - gone | {utc(first)} - gone


def check_made(phone):
    pathlib.Path("made.ics").write_bytes("".join(made_text(i, *case) for i, case in enumerate(MADE)).encode())
    ctl("import", ANN, "made.ics")
    told = {e.findtext("{Calendar}UID"): e for e in phone.events()}
    wrong = []
    for i, case in enumerate(MADE):
        event = told[f"made-{i}"]
        a, b = told_instants(event) if event.find("{Calendar}Recurrence") is not None else set(), made_instants(*case)
        if a != b:
            wrong.append(case)
            print(*case, len(a), len(b), sorted(a - b)[:3], sorted(b - a)[:3], file=sys.stderr)
    check(f"{len(MADE)} rules mean the same instants to a phone as they do to dateutil", not wrong)


# ---- calendars of others ----

def naive(t, like):
    """On the clock that `like` shows."""
    if not isinstance(t, datetime.datetime):
        return datetime.datetime.combine(t, datetime.time())
    if t.tzinfo and isinstance(like, datetime.datetime) and like.tzinfo:
        t = t.astimezone(like.tzinfo)
    return t.replace(tzinfo=None)


def values(event, name):
    lines = event.get(name, [])
    return [t.dt for line in (lines if isinstance(lines, list) else [lines]) for t in line.dts]


def series_of(path):
    """UID, the event with a rule or None, its exceptions."""
    found = {}
    for part in icalendar.Calendar.from_ical(path.read_bytes(), multiple=True):
        for event in part.walk("VEVENT"):
            found.setdefault(str(event.get("UID")), []).append(event)
    for uid, events in found.items():
        first = [e for e in events if "RECURRENCE-ID" not in e]
        yield uid, first[0] if first and first[0].get("RRULE") else None, [e for e in events if "RECURRENCE-ID" in e]


def source_locals(event, exceptions):
    like = event["DTSTART"].dt
    start, rule = naive(like, like), event["RRULE"].to_ical().decode()
    until = event["RRULE"].get("UNTIL")
    rule = re.sub("UNTIL=[^;]*;?", "", rule).rstrip(";")
    last = datetime.datetime.max
    if until:
        last = naive(until[0], like) if isinstance(until[0], datetime.datetime) else \
            datetime.datetime.combine(until[0], datetime.time(23, 59, 59))
    locals_ = {t for t in ten_years(rrule.rrulestr(rule, dtstart=start), start) if t <= last} | {start}
    locals_ -= {naive(t, like) for t in values(event, "EXDATE")}
    locals_ -= {naive(e["RECURRENCE-ID"].dt, like) for e in exceptions}
    return locals_ | {naive(e["DTSTART"].dt, like) for e in exceptions
                      if naive(e["DTSTART"].dt, like) < start + TEN_YEARS and e.get("STATUS") != "CANCELLED"}


def check_corpus(phone):
    folder = pathlib.Path(os.environ.get("ROOST_SHARED_DIR", "")) / "corpus/calendar"
    if not folder.is_dir():
        print("skip a-corpus there are no calendars of others")
        return
    run("roostctl", "-c", "roost.conf", "import", ANN, folder, status=1)  # some are no calendars, and are named
    told = {e.findtext("{Calendar}UID"): e for e in phone.events()}
    same, unsaid, wrong, seen = 0, [], [], {"None", ""}
    for path in sorted(folder.glob("*.ics")):
        try:
            series = list(series_of(path))
        except (ValueError, IndexError, TypeError, KeyError, AttributeError) as error:
            print(path.name, "icalendar:", error, file=sys.stderr)
            continue
        for uid, event, exceptions in series:
            known = uid in seen  # none, or that of a file before: its own was imported
            seen.add(uid)
            if known or not event:
                continue
            item, rule = told.get(uid[:300]), event["RRULE"]
            if item is None or item.find("{Calendar}Recurrence") is None:
                unsaid.append((path.name, "missing" if item is None else "shown once", dict(rule)))
                continue
            a, b = told_locals(item)[0], source_locals(event, exceptions)
            same += a == b
            if a != b:
                wrong.append((path.name, dict(rule), len(a), len(b), sorted(a - b)[:2], sorted(b - a)[:2]))
    for line in unsaid + wrong:
        print(*line, file=sys.stderr)
    print(same, "series are the same,", len(unsaid), "are shown as one event", file=sys.stderr)
    check("series of others mean the same to a phone as they do to dateutil", not wrong and same)
    check("and none is missing", all(how != "missing" for _name, how, _rule in unsaid))


# ---- zones that a phone says ----

def check_zones(phone):
    adds = "".join(
        f"<Add><ClientId>z{i}</ClientId><ApplicationData><c:Timezone>{base64.b64encode(blob_of(name)).decode()}</c:Timezone>"
        f"<c:StartTime>20260715T100000Z</c:StartTime><c:EndTime>20260715T110000Z</c:EndTime><c:Subject>{name}</c:Subject>"
        "<c:Recurrence><c:Type>1</c:Type><c:Interval>1</c:Interval><c:DayOfWeek>8</c:DayOfWeek></c:Recurrence>"
        f"<c:UID>zone-{i}</c:UID></ApplicationData></Add>" for i, name in enumerate(ZONES))
    phone.sync(f"<Commands>{adds}</Commands>")
    text = re.sub(rb"\r\n[ \t]", b"", ctl("export", ANN, "--folder", "Calendar")).decode()
    wrong = []
    for i, name in enumerate(ZONES):
        event = next((e for e in text.split("BEGIN:VEVENT") if f"UID:zone-{i}\r\n" in e), "")
        found = re.search(r'DTSTART;TZID="?([^":]+)"?:', event)
        mine, theirs = (zoneinfo.ZoneInfo(n) for n in (name, found[1] if found else "UTC"))
        days = [datetime.datetime(2026, 1, 1, tzinfo=UTC) + datetime.timedelta(hours=6 * n) for n in range(4 * 730)]
        if any(t.astimezone(mine).utcoffset() != t.astimezone(theirs).utcoffset() for t in days):
            wrong.append((name, found and found[1]))
    print(wrong, file=sys.stderr)
    check(f"{len(ZONES)} zones of phones get the name of one that has their clocks", not wrong)


def main():
    server = Server()
    add_account(ANN)
    server.start()
    phone = Phone(server)
    phone.find_calendar()
    check_made(phone)
    check_zones(phone)
    phone.key = "0"
    check_corpus(phone)
    server.stop()


main()
