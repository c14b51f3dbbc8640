#!/usr/bin/python3
"""Exchange Web Services with exchangelib (Debian's python3-exchangelib), which nobody here wrote, and with curl."""
import base64
import http.client
import os
import socket
import sys
import urllib.parse
import warnings

warnings.filterwarnings("ignore")
sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from front import Front, TLS_HOST
from roostd import HTTP_HOST, check, ctl
import exchangelib
import exchangelib.autodiscover.discovery.base
import requests.adapters
from exchangelib import Account, Configuration, Credentials, DELEGATE, EWSDateTime, EWSTimeZone, OofSettings
from exchangelib.errors import ErrorNameResolutionNoResults, ErrorNoFreeBusyAccess
from exchangelib.protocol import BaseProtocol

NAME = "localhost"


class Here(requests.adapters.HTTPAdapter):
    """Any host is this server, at its own port, with its own certificate: as the DNS and port 443 would have it."""
    port = None

    def send(self, request, **words):
        url = urllib.parse.urlsplit(request.url)
        request.url = url._replace(netloc=f"{NAME}:{self.port}").geturl()
        words["verify"] = "localhost.pem"
        return super().send(request, **words)

    def get_connection(self, url, proxies=None):
        return self.poolmanager.connection_from_host(TLS_HOST, self.port, "https", {"assert_hostname": NAME,
                                                                                     "server_hostname": NAME})


def account(address="ann@example.test", config=None, form="soap"):
    return Account(address, credentials=Credentials(address, "secret"), config=config, access_type=DELEGATE,
                   autodiscover=form if config is None else False)


def config_of(address="ann@example.test"):
    return Configuration(server="mail.example.test", credentials=Credentials(address, "secret"))


def check_discovery():
    for form in "pox", "soap":
        exchangelib.autodiscover.clear_cache()
        found = account(form=form)
        check(f"exchangelib finds EWS by Autodiscover ({form})", found.protocol.service_endpoint
              == "https://mail.example.test/EWS/Exchange.asmx")
        check(f"and which version it speaks ({form})", found.version.api_version == "Exchange2010_SP2")
    return found


def check_oof(ann):
    off = ann.oof_settings
    check("who never set it is not away", off.state == "Disabled")
    zone = EWSTimeZone("Europe/Berlin")
    ann.oof_settings = OofSettings(state="Scheduled", external_audience="Known", internal_reply="<b>away</b>",
                                   external_reply="gone <fishing>", start=EWSDateTime(2030, 1, 2, 3, 4, tzinfo=zone),
                                   end=EWSDateTime(2030, 1, 5, 6, 7, tzinfo=zone))
    on = ann.oof_settings
    check("out of office is set and told", (on.state, on.external_audience, on.internal_reply, on.external_reply)
          == ("Scheduled", "Known", "<b>away</b>", "gone <fishing>")
          and on.start == EWSDateTime(2030, 1, 2, 3, 4, tzinfo=zone) and on.end > on.start)


def check_names(ann):
    found = ann.protocol.resolve_names(["bob"], return_full_contact_data=True)
    mailbox, contact = found[0]
    check("a name is resolved", (mailbox.email_address, mailbox.name, contact.display_name)
          == ("bob@example.test", "Bob Builder", "Bob Builder"))
    for field, value in (("title", "Botanist"), ("last-name", "Ross"), ("company", "Fern & Co"), ("office", "4"),
                         ("phone", "+49 1"), ("mobile-phone", "+49 2 <3>")):
        ctl("account", "set", "bob@example.test", field, value)
    contact = ann.protocol.resolve_names(["botan"], return_full_contact_data=True)[0][1]
    check("people are told with title, name, company and office, and found by them",
          (contact.job_title, contact.surname, contact.company_name, contact.office)
          == ("Botanist", "Ross", "Fern & Co", "4"))
    check("and with their telephone numbers", {n.label: n.phone_number for n in contact.phone_numbers if n.phone_number}
          == {"BusinessPhone": "+49 1", "MobilePhone": "+49 2 <3>"})
    check("a name of several is ambiguous and all are told", len(ann.protocol.resolve_names(["b"])) == 2)
    nobody = ann.protocol.resolve_names(["zebra"])
    check("a name of nobody is an error", isinstance(nobody[0], ErrorNameResolutionNoResults))


def check_groups(ann):
    ctl("group", "add", "sales@example.test", "--name", "Sales")
    ctl("group", "add", "staff@example.test", "--name", "Crew of the ship")
    ctl("group", "member", "add", "sales@example.test", "bob@example.test", "joe@far.test")
    ctl("group", "member", "add", "staff@example.test", "sales@example.test", "ann@example.test")
    ctl("room", "add", "blue@example.test", "8", "--name", "Blue room")
    check("exchangelib resolves groups and rooms", [(m.email_address, m.mailbox_type) for name in ("crew", "blue")
                                                    for m in ann.protocol.resolve_names([name])]
          == [("staff@example.test", "PublicDL"), ("blue@example.test", "Mailbox")])
    check("and expands a group", [(m.email_address, m.name, m.mailbox_type)
                                  for m in ann.protocol.expand_dl("staff@example.test")]
          == [("sales@example.test", "Sales", "PublicDL"), ("ann@example.test", "Ann", "Mailbox")])
    check("and the one in it", [(m.email_address, m.mailbox_type) for m in ann.protocol.expand_dl("sales@example.test")]
          == [("bob@example.test", "Mailbox"), ("joe@far.test", "OneOff")])
    zone = EWSTimeZone("Europe/Berlin")
    asked = [(who, "Required", False) for who in ("staff@example.test", "ann@example.test")]
    group, own = ann.protocol.get_free_busy_info(asked, EWSDateTime(2026, 3, 27, tzinfo=zone),
                                                 EWSDateTime(2026, 3, 28, tzinfo=zone), merged_free_busy_interval=60,
                                                 requested_view="DetailedMerged")
    check("a group is told of in digits alone", (group.view_type, own.view_type) == ("MergedOnly", "DetailedMerged")
          and set(group.merged) == {"4"} and len(group.merged) == len(own.merged) and not group.calendar_events)
    try:
        ann.protocol.expand_dl("bob@example.test")
        refused = False
    except ErrorNameResolutionNoResults:
        refused = True
    check("what is no group is not expanded", refused)


def check_folders(ann):
    check("the Inbox is there", ann.inbox.total_count == 0 and ann.inbox.folder_class == "IPF.Note")
    check("the calendar is one", type(ann.calendar).__name__ == "Calendar")
    names = {f.name for f in ann.root.walk()}
    check("all folders are found below the root", {"Inbox", "Sent Items", "Calendar", "Contacts"} <= names)


def shown_to(ann, who, start, end):
    try:
        return bool(list(ann.protocol.get_free_busy_info([(who, "Required", False)], start, end)))
    except ErrorNoFreeBusyAccess:
        return False


def check_availability(ann):
    zone = EWSTimeZone("Europe/Berlin")
    start, end = EWSDateTime(2026, 3, 27, tzinfo=zone), EWSDateTime(2026, 3, 31, tzinfo=zone)
    asked = [(who, "Required", False) for who in ("ann@example.test", "bob@example.test")]
    own, bobs = ann.protocol.get_free_busy_info(asked, start, end, merged_free_busy_interval=60,
                                                requested_view="DetailedMerged")
    check("exchangelib reads who is free", (own.view_type, bobs.view_type) == ("DetailedMerged", "FreeBusyMerged")
          and set(own.merged) == {"0"} and len(own.merged) == 95)
    check("and the working hours", own.working_hours[0].start.hour == 8)
    check_hours(ann, asked, start, end)
    ctl("account", "free-busy", "bob@example.test", "none")
    check("one level of an account is told", ctl("account", "free-busy", "bob@example.test") == b"none\n")
    check("who shows nothing is an error of his own", not shown_to(ann, "bob@example.test", start, end))
    ctl("folder", "share", "bob@example.test", "calendar", "ann@example.test")
    view = list(ann.protocol.get_free_busy_info(asked[1:], start, end, requested_view="Detailed"))[0]
    check("but not to whom the calendar is shared", view.view_type == "Detailed")
    ctl("folder", "unshare", "bob@example.test", "Calendar", "ann@example.test")
    try:
        list(ann.protocol.get_free_busy_info(asked[1:], start, end))
        shown = True
    except ErrorNoFreeBusyAccess:
        shown = False
    check("and what is taken back ends at once", not shown)
    ctl("account", "free-busy", "bob@example.test", "default")
    ctl("domain", "free-busy", "example.test", "titles")
    view = list(ann.protocol.get_free_busy_info(asked[1:], start, end, requested_view="Detailed"))[0]
    check("the domain's setting holds for whom nothing is set", view.view_type == "Detailed")
    ctl("domain", "free-busy", "example.test", "none")
    check("and for whose address has capitals", not shown_to(ann, "cid@example.test", start, end))


def hours_of(account, asked, start, end):
    return [list(view.working_hours) for view in account.protocol.get_free_busy_info(asked, start, end)]


def check_hours(ann, asked, start, end):
    ctl("domain", "working-hours", "example.test", "sun-thu", "7:30-16:00")
    ctl("account", "working-hours", "bob@example.test", "mon,wed", "10:00-24:00", "America/New_York")
    check("an account's hours are told as they are set", ctl("account", "working-hours", "bob@example.test")
          == b"mon,wed 10:00-24:00 America/New_York\n")
    (own,), (bobs,) = hours_of(ann, asked, start, end)
    check("exchangelib reads the hours of the domain, and those of an account",
          (own.weekdays, str(own.start), bobs.weekdays, str(bobs.start)) == ([7, 1, 2, 3, 4], "07:30:00", [1, 3], "10:00:00"))
    ctl("account", "working-hours", "bob@example.test", "default")
    check("hours that are taken back are the domain's",
          hours_of(ann, asked, start, end)[1][0].weekdays == [7, 1, 2, 3, 4])


ENVELOPE = (b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>", b"</s:Body></s:Envelope>")
FAST_S = 10  # of a processor: far above what a refusal takes


def hostile():
    names = b" ".join(b"a%d='1'" % i for i in range(30000))
    spaces = b" ".join(b"xmlns:p%d='urn:%d'" % (i, i) for i in range(20000))
    items = b"<t:DistinguishedFolderId Id='inbox' xmlns:t='u'/>" * 15000
    yield "entities that grow", b"<!DOCTYPE a [<!ENTITY x 'xxxx'><!ENTITY y '&x;&x;'>]>" + b"&y;".join(ENVELOPE)
    yield "an entity from outside", b"<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" + b"".join(ENVELOPE)
    yield "deep nesting", (b"<a>" * 100000 + b"</a>" * 100000).join(ENVELOPE)
    yield "30,000 attributes", (b"<a " + names + b"/>").join(ENVELOPE)
    yield "20,000 namespaces", (b"<a " + spaces + b"/>").join(ENVELOPE)
    yield "a long name", (b"<" + b"a" * 500000 + b"/>").join(ENVELOPE)
    yield "too many folders", (b"<GetFolder><FolderShape><BaseShape>IdOnly</BaseShape></FolderShape><FolderIds>" + items
                               + b"</FolderIds></GetFolder>").join(ENVELOPE)
    yield "another namespace of SOAP", b"<Envelope xmlns='urn:x'><Body><GetFolder/></Body></Envelope>"
    yield "two operations", b"<GetFolder/><GetFolder/>".join(ENVELOPE)
    yield "half a document", ENVELOPE[0]
    yield "a wrong charset", b"<?xml version='1.0' encoding='utf-7'?>" + b"".join(ENVELOPE)


def post(server, body, login=True):
    connection = http.client.HTTPConnection(HTTP_HOST, server.http, timeout=60)
    headers = {"Content-Type": "text/xml"}
    if login:
        headers["Authorization"] = "Basic " + base64.b64encode(b"ann@example.test:secret").decode()
    connection.request("POST", "/EWS/Exchange.asmx", body, headers)
    answer = connection.getresponse()
    status, text = answer.status, answer.read()
    connection.close()
    return status, text


def check_hostile(server):
    for what, body in hostile():
        before = server.busy_s()
        status, text = post(server, body)
        check(f"{what} is a fault, at once", status == 500 and b"<s:Fault>" in text and b"root:" not in text
              and server.busy_s() - before < FAST_S)
    check("who has no login is asked for one, however often", {post(server, b"<a/>", False)[0] for _ in range(200)} == {401})
    with server.plain() as c:
        c.send(b"POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: h\r\nContent-Length: 10485760\r\n\r\n")
        check("10 MB is HTTP 413 by its length, before it is read", c.answer()[0] == 413)
    slow = socket.create_connection((HTTP_HOST, server.http))
    slow.sendall(b"POST /EWS/Exchange.asmx HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n<")
    check("a body that does not come keeps nobody else waiting", server.healthy())
    slow.close()


def main():
    server = Front(more="\n[autodiscover]\nurl = https://mail.example.test\n")
    for address, name in ("ann@example.test", "Ann"), ("bob@example.test", "Bob Builder"), ("bea@example.test", "Bea"), \
            ("Cid@Example.TEST", "Cid"):
        ctl("account", "add", address, "--password-stdin", "--name", name, given=b"secret")
    server.start()
    Here.port = server.tls
    BaseProtocol.HTTP_ADAPTER_CLS = Here
    exchangelib.autodiscover.discovery.base.BaseAutodiscovery._ensure_valid_hostname = lambda self, url: None
    ann = check_discovery()
    check_oof(ann)
    check_names(ann)
    check_groups(ann)
    check_folders(ann)
    check_availability(ann)
    check_hostile(server)
    check("it ends with 0", server.stop() == 0)


main()
