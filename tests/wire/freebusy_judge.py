#!/usr/bin/python3
"""
GetUserAvailability against another expansion of the same calendars: Debian's python3-icalendar reads them, dateutil has the
rules. Calendars that are made here, looked at from Berlin, and those of others, looked at from UTC.
"""
import base64
import datetime
import http.client
import itertools
import os
import pathlib
import re
import sys
import xml.etree.ElementTree
import zoneinfo

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from roostd import HTTP_HOST, Server, add_account, check, ctl
import dateutil.rrule
import icalendar

PASSED_OVER = ["109.ics",  # its zone changes on one day of one year, which the rules of a year can't say
               "110.ics"]  # lines are folded over empty ones
BERLIN, UTC = zoneinfo.ZoneInfo("Europe/Berlin"), datetime.timezone.utc
DAY, WINDOW, EPOCH, PARTS = datetime.timedelta(days=1), datetime.timedelta(days=42), datetime.datetime(1970, 1, 1), 4
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
WINDOWS = [datetime.datetime(2026, 3, 9), datetime.datetime(2026, 10, 5)]  # 42 days each, over both changes of Berlin's time

WHEN = ["DTSTART;TZID=Europe/Berlin:20240115T090000\nDTEND;TZID=Europe/Berlin:20240115T100000",
        "DTSTART;TZID=America/New_York:20231231T213000\nDURATION:PT45M",
        "DTSTART:20240229T013000Z\nDTEND:20240229T040000Z",
        "DTSTART;TZID=Europe/Berlin:20250331T233000\nDURATION:PT1H",
        "DTSTART;VALUE=DATE:20250107\nDTEND;VALUE=DATE:20250109"]
KINDS = {"FREE": None, "TENTATIVE": "Tentative", "BUSY": "Busy", "OOF": "OOF"}
RULES = ["FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;BYDAY=MO,WE,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
         "FREQ=MONTHLY;BYDAY=2TU", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=-1",
         "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=DAILY;COUNT=900", "FREQ=WEEKLY;COUNT=120;BYDAY=MO,TH"]
STATES = ["", "STATUS:TENTATIVE", "TRANSP:TRANSPARENT", "X-MICROSOFT-CDO-BUSYSTATUS:OOF", "STATUS:CANCELLED"]
CHANGED = """DTSTART;TZID=Europe/Berlin:20240115T090000
DTEND;TZID=Europe/Berlin:20240115T100000
RRULE:FREQ=DAILY
EXDATE;TZID=Europe/Berlin:20260328T090000,20260329T090000
EXDATE:20261024T070000Z
END:VEVENT
BEGIN:VEVENT
UID:changed
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Berlin:20260330T090000
DTSTART;TZID=Europe/Berlin:20260331T200000
DTEND;TZID=Europe/Berlin:20260331T213000
STATUS:TENTATIVE
END:VEVENT
BEGIN:VEVENT
UID:changed
DTSTAMP:20260101T000000Z
RECURRENCE-ID;TZID=Europe/Berlin:20260402T090000
DTSTART;TZID=Europe/Berlin:20260402T090000
DTEND;TZID=Europe/Berlin:20260402T100000
STATUS:CANCELLED"""
INSTANCE = """END:VEVENT
BEGIN:VEVENT
UID:%s
DTSTAMP:20260101T000000Z
RECURRENCE-ID:%s
DTSTART:%s
DURATION:PT90M
X-MICROSOFT-CDO-BUSYSTATUS:OOF"""
SERIES = "DTSTART;TZID=Australia/Sydney:20250106T083000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;BYDAY=MO"
ENDS = ["DTSTART;TZID=Europe/Berlin:20250301T060000\nDURATION:PT30M\nRRULE:FREQ=DAILY;UNTIL=",
        "DTSTART;TZID=America/New_York:20250301T233000\nDURATION:PT30M\nRRULE:FREQ=DAILY;UNTIL=",
        "DTSTART;TZID=Asia/Kolkata:20250301T013000\nDURATION:PT30M\nRRULE:FREQ=WEEKLY;BYDAY=SU,MO,TU,SA;UNTIL="]
LAST = ["20260329T040000Z", "20260329T033000Z", "20260329T035959Z", "20261024T200000Z", "20261101T043000Z", "20261019T000000Z"]
WITH_DATES = {
    # Dates beside a rule, some of them deleted, one of them moved, and without a rule.
    "dates": "DTSTART;TZID=Europe/Berlin:20260105T100000\nDURATION:PT2H\nRRULE:FREQ=MONTHLY;BYMONTHDAY=5\n"
             "RDATE;TZID=Europe/Berlin:20260320T100000,20260328T180000,20260329T180000,20261101T030000\n"
             "RDATE:20261025T003000Z,20261025T013000Z\nEXDATE:20260328T170000Z",
    "dates-alone": "DTSTART;TZID=America/New_York:20260310T093000\nDURATION:PT25M\n"
                   "RDATE;TZID=America/New_York:20260311T093000,20260401T093000,20261104T093000",
    "days": "DTSTART;VALUE=DATE:20260110\nDTEND;VALUE=DATE:20260112\nRDATE;VALUE=DATE:20260328,20261024,20261025\n"
            "RRULE:FREQ=MONTHLY;BYDAY=2SA\nEXDATE;VALUE=DATE:20261010",
    "periods": "DTSTART:20260302T080000Z\nDURATION:PT1H\nRDATE;VALUE=PERIOD:20260316T080000Z/20260316T113000Z,"
               "20260317T080000Z/PT5H",
    # Instances that come from far into a window, go out of it, reach over its edge.
    "into": SERIES + INSTANCE.replace("END", "\nEND", 1) % ("into", "20250317T213000Z", "20260401T100000Z"),
    "out": SERIES + INSTANCE.replace("END", "\nEND", 1) % ("out", "20260329T213000Z", "20270401T100000Z"),
    "edge": SERIES + INSTANCE.replace("END", "\nEND", 1) % ("edge", "20260607T223000Z", "20260308T223000Z"),
    "counted": "DTSTART;TZID=Europe/Berlin:20260216T120000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=10\n"
               "EXDATE;TZID=Europe/Berlin:20260302T120000,20260316T120000",
    "first-is-gone": "DTSTART;TZID=Europe/Berlin:20260310T120000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\n"
                     "EXDATE;TZID=Europe/Berlin:20260310T120000",
    "long": "DTSTART;TZID=Europe/Berlin:20260201T000000\nDURATION:P40D\nRRULE:FREQ=YEARLY;INTERVAL=2",
}


def calendar_of(uid, lines):
    return (f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\n{lines}\n"
            "END:VEVENT\nEND:VCALENDAR\n")


def made():
    for i, (when, rule) in enumerate(itertools.product(WHEN, RULES)):
        yield calendar_of(f"made{i}", f"{when}\nRRULE:{rule}\n{STATES[i % len(STATES)]}".rstrip())
    yield calendar_of("changed", CHANGED)
    for i, (when, last) in enumerate(itertools.product(ENDS, LAST)):
        yield calendar_of(f"ends{i}", when + last)
    for uid, lines in WITH_DATES.items():
        yield calendar_of(uid, lines)


class Judge:
    """What a calendar means, for somebody who looks from a zone: whole days and times of no zone are of his."""

    def __init__(self, text, home):
        self.home, self.zones, self.made, self.name = home, {}, {}, ""
        calendars = [c for c in icalendar.Calendar.from_ical(text, multiple=True) if c.name == "VCALENDAR"]
        for zone in itertools.chain(*(c.walk("VTIMEZONE") for c in calendars)):
            self.zones[str(zone["TZID"]).strip()] = zone
        self.events = [*itertools.chain(*(c.walk("VEVENT") for c in calendars))]

    def utc(self, local, prop):
        """Of the wall clock of a property; None: a zone that only the calendar's maker knows."""
        name = prop.params.get("TZID", "").strip()
        if "VALUE" in prop.params and prop.params["VALUE"] == "DATE":
            return local.replace(tzinfo=self.home).astimezone(UTC)
        if not name:
            return local.replace(tzinfo=UTC)
        for known in name, name.strip("/"), icalendar.windows_to_olson.WINDOWS_TO_OLSON.get(name, ""):
            try:
                return local.replace(tzinfo=zoneinfo.ZoneInfo(known)).astimezone(UTC)
            except (KeyError, ValueError, OSError):
                pass
        if name not in self.made:  # which takes long for one that begins in 1601
            self.made[name] = self.zones[name].to_tz()
        return self.made[name].localize(local).astimezone(UTC)

    def moments(self, props):
        """UTC of each time of a property that may have several, and how long a period of it is."""
        for prop in props if isinstance(props, list) else [props]:
            for value in getattr(prop, "dts", [prop]):
                start, end = value.dt if isinstance(value.dt, tuple) else (value.dt, None)
                begins = self.utc(local_of(start), prop)
                if isinstance(end, datetime.datetime):
                    end = self.utc(local_of(end), prop) - begins
                yield begins, end

    def length_of(self, event):
        start = event["DTSTART"]
        if "DURATION" in event:
            return event["DURATION"].dt
        if "DTEND" not in event:
            return datetime.timedelta(0) if isinstance(start.dt, datetime.datetime) else DAY
        if not isinstance(start.dt, datetime.datetime):
            return event["DTEND"].dt - start.dt
        return max(next(self.moments(event["DTEND"]))[0] - next(self.moments(start))[0], datetime.timedelta(0))

    def occurrences(self, event, until):
        """(UTC of the start, of the end) of an event, whichever of them are deleted."""
        start, is_day = event["DTSTART"], not isinstance(event["DTSTART"].dt, datetime.datetime)
        first, length = local_of(start.dt), self.length_of(event)
        locals_ = {first, *itertools.takewhile(lambda t: t < until, self.rule_of(event, first))}
        found = {}
        for local in locals_:
            begins = self.utc(local, start)
            found[begins] = self.utc(local + length, start) if is_day else begins + length
        for begins, period in self.moments(event.get("RDATE", [])):
            local = begins.astimezone(self.home).replace(tzinfo=None)
            ends = self.utc(local + length, start) if is_day else begins + (period or length)
            found.setdefault(begins, ends)
        return found.items()

    def rule_of(self, event, first):
        if "RRULE" not in event:
            return []
        rule, last = event["RRULE"].to_ical().decode(), event["RRULE"].get("UNTIL", [None])[0]
        rule = re.sub(";?UNTIL=[^;]*", "", rule).strip(";")
        starts = dateutil.rrule.rrulestr(rule, dtstart=first)
        if last is None:
            return starts
        if not isinstance(last, datetime.datetime):
            return itertools.takewhile(lambda t: t.date() <= last, starts)
        if last.tzinfo is None:
            return itertools.takewhile(lambda t: t <= last, starts)
        return itertools.takewhile(lambda t: self.utc(t, event["DTSTART"]) <= last.astimezone(UTC), starts)

    def expand(self, start, end):
        """(start, end, kind) at home of what touches a window at home."""
        low, high = (t.replace(tzinfo=self.home).astimezone(UTC) for t in (start, end))
        gone = {m for e in self.events for key in ("EXDATE", "RECURRENCE-ID") if key in e for m, _end in self.moments(e[key])}
        for event in self.events:
            for begins, ends in self.occurrences(event, end + 2 * DAY) if busy_of(event) else ():
                if begins < high and ends > low and ("RECURRENCE-ID" in event or begins not in gone):
                    yield (*(t.astimezone(self.home).replace(tzinfo=None, microsecond=0).isoformat() for t in (begins, ends)),
                           busy_of(event))


def local_of(dt):
    if not isinstance(dt, datetime.datetime):
        dt = datetime.datetime(dt.year, dt.month, dt.day)
    return dt.replace(tzinfo=None)


def busy_of(event):
    if event.get("TRANSP") == "TRANSPARENT" or event.get("STATUS") == "CANCELLED":
        return None
    if "X-MICROSOFT-CDO-BUSYSTATUS" in event:
        return KINDS[str(event["X-MICROSOFT-CDO-BUSYSTATUS"]).upper()]
    return "Tentative" if event.get("STATUS") == "TENTATIVE" else "Busy"


CHANGE = ("<t:{0}Time><t:Bias>{1}</t:Bias><t:Time>{2}</t:Time><t:DayOrder>{3}</t:DayOrder><t:Month>{4}</t:Month>"
          "<t:DayOfWeek>Sunday</t:DayOfWeek></t:{0}Time>").format
HOMES = {BERLIN: "<t:Bias>-60</t:Bias>" + CHANGE("Standard", 0, "03:00:00", 5, 10) + CHANGE("Daylight", -60, "02:00:00", 5, 3),
         UTC: "<t:Bias>0</t:Bias>" + CHANGE("Standard", 0, "00:00:00", 0, 0) + CHANGE("Daylight", 0, "00:00:00", 0, 0)}
REQUEST = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="%s"><s:Body><GetUserAvailabilityRequest>
<t:TimeZone>%s</t:TimeZone><MailboxDataArray><t:MailboxData><t:Email><t:Address>%s</t:Address></t:Email><t:AttendeeType>Required
</t:AttendeeType></t:MailboxData></MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>%s</t:StartTime>
<t:EndTime>%s</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>5
</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>FreeBusyMerged</t:RequestedView></t:FreeBusyViewOptions>
</GetUserAvailabilityRequest></s:Body></s:Envelope>"""


def ask(server, who, home, start, end):
    body = REQUEST % (TYPES, HOMES[home], who, start.isoformat(), end.isoformat())
    connection = http.client.HTTPConnection(HTTP_HOST, server.http, timeout=60)
    connection.request("POST", "/EWS/Exchange.asmx", body.replace("\n</", "</"), {
        "Content-Type": "text/xml", "Authorization": "Basic " + base64.b64encode(f"{who}:secret".encode()).decode()})
    root = xml.etree.ElementTree.fromstring(connection.getresponse().read())
    connection.close()
    return [tuple(e.findtext(f"{{{TYPES}}}{key}") for key in ("StartTime", "EndTime", "BusyType"))
            for e in root.iter(f"{{{TYPES}}}CalendarEvent")]


def compare(server, who, judges, start):
    """How many intervals are equal; None: they are not."""
    end = start + WINDOW
    told, judged = sorted(ask(server, who, judges[0].home, start, end)), {}
    for judge in judges:
        for one in judge.expand(start, end):
            judged.setdefault(one, []).append(judge.name)
    for one in sorted({*told} ^ {*judged})[:10]:
        print(start.date(), "told alone" if one in told else "judged alone", *one, *judged.get(one, []), file=sys.stderr)
    for one, names in judged.items():
        if one in told and told.count(one) != len(names):
            print(start.date(), "told", told.count(one), "times", *one, *names, file=sys.stderr)
    judged = sorted(one for one, names in judged.items() for _name in names)
    return len(told) if told == judged else None


def check_made(server):
    """A part each, since of a mailbox a thousand intervals are told."""
    calendars = [*made()]
    for part in range(PARTS):
        who, files = f"u{part}@example.test", []
        add_account(who)
        for i, text in enumerate(calendars[part::PARTS]):
            files.append(f"{part}-{i}.ics")
            pathlib.Path(files[-1]).write_text(text.replace("\n", "\r\n"))
        ctl("import", who, *files)
        judges = [Judge(text, BERLIN) for text in calendars[part::PARTS]]
        for start in WINDOWS:
            check(f"part {part}: from {start.date()} on each interval is that of dateutil", compare(server, who, judges, start))


def windows_of(judge):
    """Those of a fixed row in which something of the calendar begins, ends, is moved or is deleted, and one of today."""
    days = {datetime.datetime(2026, 3, 9)}
    for event in judge.events:
        for key in "DTSTART", "RECURRENCE-ID", "RDATE", "EXDATE":
            for begins, _end in judge.moments(event.get(key, [])):
                days |= {begins.replace(tzinfo=None), begins.replace(tzinfo=None) + WINDOW}
        days |= {local_of(last) for last in event.get("RRULE", {}).get("UNTIL", [])}
    return {EPOCH + (day - EPOCH) // WINDOW * WINDOW for day in days}


def read_corpus(folder):
    """A judge a file, without events of a UID that was there before. What icalendar does not read is passed over, and said."""
    seen = set()
    for path in sorted({*folder.glob("*.ics")} - {folder / name for name in PASSED_OVER}):
        try:
            judge = Judge(path.read_bytes(), UTC)
            for event in judge.events:
                list(judge.occurrences(event, local_of(event["DTSTART"].dt) + DAY))
                windows_of(judge)
        except (ValueError, IndexError, TypeError, KeyError, AttributeError) as error:
            print(path.name, "icalendar:", error, file=sys.stderr)
            continue
        judge.events = [e for e in judge.events if str(e.get("UID")) not in seen]
        for event in [e for e in judge.events if "UID" in e and "RECURRENCE-ID" not in e]:
            if str(event["UID"]) in seen:
                judge.events.remove(event)
            seen.add(str(event["UID"]))
        judge.name = path.name
        if judge.events:
            yield judge


def check_corpus(server):
    folder, who = pathlib.Path(os.environ.get("ROOST_SHARED_DIR", "")) / "corpus/calendar", "corpus@example.test"
    if not folder.is_dir():
        print("skip a-corpus there are no calendars of others")
        return
    add_account(who)
    judges = [*read_corpus(folder)]
    ctl("import", who, *(folder / judge.name for judge in judges))
    windows = sorted(set().union(*map(windows_of, judges)))
    equal = [compare(server, who, judges, start) for start in windows]
    print(len(judges), "files,", len(windows), "windows,", sum(filter(None, equal)), "intervals", file=sys.stderr)
    check("calendars of others: each interval is that of dateutil", None not in equal and any(equal))


def main():
    server = Server()
    server.start()
    check_made(server)
    check_corpus(server)
    check("it ends with 0", server.stop() == 0)


main()
