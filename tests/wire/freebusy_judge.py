#!/usr/bin/python3
"""GetUserAvailability against another expansion of the same calendars: Debian's python3-icalendar reads them, dateutil has the rules."""
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

BERLIN, UTC = zoneinfo.ZoneInfo("Europe/Berlin"), datetime.timezone.utc
DAY = datetime.timedelta(days=1)
TYPES = "http://schemas.microsoft.com/exchange/services/2006/types"
WINDOWS = [datetime.datetime(2026, 3, 9), datetime.datetime(2026, 10, 5)]  # 42 days each, over both changes of Berlin's time

WHEN = ["DTSTART;TZID=Europe/Berlin:20240115T090000\nDTEND;TZID=Europe/Berlin:20240115T100000",
        "DTSTART;TZID=America/New_York:20231231T213000\nDURATION:PT45M",
        "DTSTART:20240229T013000Z\nDTEND:20240229T040000Z",
        "DTSTART;TZID=Europe/Berlin:20250331T233000\nDURATION:PT1H",
        "DTSTART;VALUE=DATE:20250107\nDTEND;VALUE=DATE:20250109"]
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


def calendar_of(uid, lines):
    return (f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nBEGIN:VEVENT\nUID:{uid}\nDTSTAMP:20260101T000000Z\n{lines}\n"
            "END:VEVENT\nEND:VCALENDAR\n")


def made():
    for i, (when, rule) in enumerate(itertools.product(WHEN, RULES)):
        yield calendar_of(f"made{i}", f"{when}\nRRULE:{rule}\n{STATES[i % len(STATES)]}".rstrip())
    yield calendar_of("changed", CHANGED)


def zone_of(prop):
    return zoneinfo.ZoneInfo(prop.params["TZID"]) if "TZID" in prop.params else UTC


def moments(prop):
    """UTC of each time of a property that may have several."""
    for one in prop if isinstance(prop, list) else [prop]:
        for value in getattr(one, "dts", [one]):
            yield local_of(value.dt).replace(tzinfo=zone_of(one)).astimezone(UTC)


def local_of(dt):
    if not isinstance(dt, datetime.datetime):
        dt = datetime.datetime(dt.year, dt.month, dt.day)
    return dt.replace(tzinfo=None)


def length_of(event):
    if "DURATION" in event:
        return event["DURATION"].dt
    end, start = event["DTEND"], event["DTSTART"]
    if not isinstance(start.dt, datetime.datetime):
        return end.dt - start.dt
    return next(moments(end)) - next(moments(start))


def busy_of(event):
    if event.get("TRANSP") == "TRANSPARENT" or event.get("STATUS") == "CANCELLED":
        return None
    if "X-MICROSOFT-CDO-BUSYSTATUS" in event:
        return str(event["X-MICROSOFT-CDO-BUSYSTATUS"])
    return "Tentative" if event.get("STATUS") == "TENTATIVE" else "Busy"


def occurrences(event, until):
    """(UTC of the start, its end, both as Berlin's time of day) of an event; whole days are Berlin's."""
    start = local_of(event["DTSTART"].dt)
    is_day = not isinstance(event["DTSTART"].dt, datetime.datetime)
    zone = BERLIN if is_day else zone_of(event["DTSTART"])
    starts = {start}
    if "RRULE" in event:
        rule = dateutil.rrule.rrulestr(event["RRULE"].to_ical().decode(), dtstart=start)
        starts |= {*itertools.takewhile(lambda t: t < until, rule)}
    for local in starts:
        begins = local.replace(tzinfo=zone).astimezone(UTC)
        ends = begins + length_of(event)
        if is_day:
            ends = (local + length_of(event)).replace(tzinfo=zone).astimezone(UTC)
        yield begins, ends


def expand(calendars, start, end):
    low, high = (t.replace(tzinfo=BERLIN).astimezone(UTC) for t in (start, end))
    for text in calendars:
        events = icalendar.Calendar.from_ical(text).walk("VEVENT")
        gone = {m for e in events for key in ("EXDATE", "RECURRENCE-ID") if key in e for m in moments(e[key])}
        for event in events:
            for begins, ends in occurrences(event, end + 2 * DAY):
                if busy_of(event) and begins < high and ends > low and ("RECURRENCE-ID" in event or begins not in gone):
                    yield (*(t.astimezone(BERLIN).replace(tzinfo=None).isoformat() for t in (begins, ends)), busy_of(event))


REQUEST = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="%s"><s:Body><GetUserAvailabilityRequest>
<t:TimeZone><t:Bias>-60</t:Bias><t:StandardTime><t:Bias>0</t:Bias><t:Time>03:00:00</t:Time><t:DayOrder>5</t:DayOrder>
<t:Month>10</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:StandardTime><t:DaylightTime><t:Bias>-60</t:Bias>
<t:Time>02:00:00</t:Time><t:DayOrder>5</t:DayOrder><t:Month>3</t:Month><t:DayOfWeek>Sunday</t:DayOfWeek></t:DaylightTime>
</t:TimeZone><MailboxDataArray><t:MailboxData><t:Email><t:Address>%s</t:Address></t:Email><t:AttendeeType>Required
</t:AttendeeType></t:MailboxData></MailboxDataArray><t:FreeBusyViewOptions><t:TimeWindow><t:StartTime>%s</t:StartTime>
<t:EndTime>%s</t:EndTime></t:TimeWindow><t:MergedFreeBusyIntervalInMinutes>5
</t:MergedFreeBusyIntervalInMinutes><t:RequestedView>FreeBusyMerged</t:RequestedView></t:FreeBusyViewOptions>
</GetUserAvailabilityRequest></s:Body></s:Envelope>"""


def ask(server, who, start, end):
    body = REQUEST % (TYPES, who, start.isoformat(), end.isoformat())
    connection = http.client.HTTPConnection(HTTP_HOST, server.http, timeout=60)
    connection.request("POST", "/EWS/Exchange.asmx", body.replace("\n</", "</"), {
        "Content-Type": "text/xml", "Authorization": "Basic " + base64.b64encode(f"{who}:secret".encode()).decode()})
    root = xml.etree.ElementTree.fromstring(connection.getresponse().read())
    connection.close()
    return [tuple(e.findtext(f"{{{TYPES}}}{key}") for key in ("StartTime", "EndTime", "BusyType"))
            for e in root.iter(f"{{{TYPES}}}CalendarEvent")]


def compare(what, server, who, calendars):
    for start in WINDOWS:
        end = start + 42 * DAY
        told, judged = sorted(ask(server, who, start, end)), sorted(expand(calendars, start, end))
        for one in sorted({*told} ^ {*judged})[:10]:
            print("told alone" if one in told else "judged alone", *one, file=sys.stderr)
        print(what, start.date(), len(told), len(judged), file=sys.stderr)
        check(f"{what}: from {start.date()} on each interval is that of dateutil", told == judged and judged)


def main():
    server = Server()
    server.start()
    # A part each, since of a mailbox a thousand intervals are told.
    calendars = [*made()]
    for part in range(4):
        who = f"u{part}@example.test"
        add_account(who)
        mine = calendars[part::4]
        files = []
        for i, text in enumerate(mine):
            files.append(f"{part}-{i}.ics")
            pathlib.Path(files[-1]).write_text(text.replace("\n", "\r\n"))
        ctl("import", who, *files)
        compare(f"part {part}", server, who, mine)
    check("it ends with 0", server.stop() == 0)


main()
