#!/usr/bin/env python3
"""roostctl as an administrator uses it: accounts, import from every kind of source, export, small edits."""
import concurrent.futures
import errno
import json
import os
import pathlib
import pty
import re
import signal
import socket
import subprocess
import sys
import threading

BIN = os.environ["ROOST_BIN"] + "/roostctl"
SAMPLES = sorted((pathlib.Path(os.environ["ROOST_SOURCE"]) / "samples/mail").glob("*.eml"))
SHARED = os.environ.get("ROOST_SHARED_DIR")
INVITATION = b"\r\n".join((
    b"From: olga@elsewhere.test", b"Subject: Plan", b"Content-Type: text/calendar; method=REQUEST; charset=utf-8", b"",
    b"BEGIN:VCALENDAR", b"VERSION:2.0", b"PRODID:x", b"METHOD:REQUEST", b"BEGIN:VEVENT", b"UID:plan@elsewhere.test",
    b"DTSTAMP:20260302T100000Z", b"DTSTART:20260310T090000Z", b"DTEND:20260310T100000Z", b"SUMMARY:Plan",
    b"ORGANIZER:mailto:olga@elsewhere.test", b"ATTENDEE:mailto:sharer@example.test", b"END:VEVENT", b"END:VCALENDAR", b""))
FROM = b"From ann@example.test Mon Jan  1 00:00:00 2018\n"
CONF = pathlib.Path("roost.conf")


def check(sentence, holds):
    print("ok" if holds else "not ok", sentence, flush=True)


def ctl(*words, given=b"", status=0):
    done = subprocess.run([BIN, "-c", str(CONF), *map(str, words)], input=given, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    sys.stderr.write(f"{words} {done.returncode} {done.stderr.decode(errors='replace')}\n")
    if done.returncode != status:
        raise AssertionError(f"{words}: status {done.returncode} instead of {status}")
    ctl.said = done.stderr.decode(errors="replace")
    return done.stdout


def refused(*words, given=b""):
    """Status 1, with a reason."""
    ctl(*words, given=given, status=1)
    return ctl.said.startswith("roostctl: ") or "could not be read" in ctl.said


def misused(*words):
    """Status 2, with what was expected."""
    ctl(*words, status=2)
    return "usage:" in ctl.said


def listed(*words):
    return json.loads(ctl(*words, "--json"))


def account(name):
    address = f"{name}@example.test"
    ctl("account", "add", address, "--no-password")
    return address


def stored(octets):
    """Line ends as the store keeps them: a bare LF becomes CRLF."""
    return re.sub(rb"(?<!\r)\n", b"\r\n", octets)


def shown(address, folder="Inbox"):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() + 1) as pool:
        return list(pool.map(lambda m: ctl("message", "show", address, m["id"]),
                             listed("message", "list", address, "--folder", folder)))


def mboxrd(mails):
    out = b""
    for mail in mails:
        lines = mail.replace(b"\r\n", b"\n").split(b"\n")
        text = b"\n".join(b">" + line if line.lstrip(b">").startswith(b"From ") else line for line in lines)
        out += FROM + text + (b"" if text.endswith(b"\n") else b"\n") + b"\n"
    return out


def same_mails(have, want):
    return sorted(have) == sorted(want)


def maildir(path, mails, flags=lambda i: "S"):
    for part in ("cur", "new", "tmp"):
        os.makedirs(f"{path}/{part}")
    for i, mail in enumerate(mails):
        name = f"{path}/cur/{1514764800 + i}.M{i}P1.host:2,{flags(i)}"
        pathlib.Path(name).write_bytes(mail)


def totals(address):
    return {f["path"]: (f["total"], f["unread"]) for f in listed("folder", "list", address) if f["total"]}


def test_accounts():
    ctl("account", "add", "ann@example.test", "--password-stdin", "--name", "Ann Ä", given=b"secret\n")
    ann = listed("account", "list")[0]
    check("an account is made with name and password",
          (ann["address"], ann["name"], ann["password"], ann["enabled"]) == ("ann@example.test", "Ann Ä", True, True))
    check("an address is given once", refused("account", "add", "ANN@example.test", "--no-password"))
    check("what is no address is refused", refused("account", "add", "ann", "--no-password"))
    check("an empty password is refused", refused("account", "passwd", "ann@example.test", "--password-stdin"))
    check("without a terminal a password needs an option", refused("account", "add", "eve@example.test"))
    pathlib.Path("password").write_text("another\n")
    ctl("account", "passwd", "ann@example.test", "--password-file", "password")
    check("two sources of a password are wrong use",
          misused("account", "passwd", "ann@example.test", "--no-password", "--password-stdin"))
    ctl("account", "disable", "ann@example.test")
    off = listed("account", "list")[0]["enabled"]
    ctl("account", "enable", "ann@example.test")
    check("an account is disabled and enabled", not off and listed("account", "list")[0]["enabled"])
    ctl("account", "alias", "add", "ann@example.test", "a@example.test")
    check("an alias names the account", len(listed("folder", "list", "a@example.test")) >= 6)
    check("the first address stays", refused("account", "alias", "remove", "ann@example.test", "ann@example.test"))
    ctl("account", "alias", "remove", "ann@example.test", "a@example.test")
    check("an alias goes", refused("folder", "list", "a@example.test"))
    ctl("account", "rename", "ann@example.test", "ann.smith@example.test")
    check("an account gets another first address, and keeps the former",
          [(r["address"], r["primary"]) for r in listed("account", "alias", "list", "ann@example.test")]
          == [("ann.smith@example.test", True), ("ann@example.test", False)])
    ctl("account", "rename", "ann.smith@example.test", "ann@example.test")
    check("and the former one back", listed("account", "list")[0]["address"] == "ann@example.test")
    ctl("account", "alias", "remove", "ann@example.test", "ann.smith@example.test")
    for field, value in {"name": "Ann B", "title": "Chief Bötanist", "home-phone": "+49 30 1"}.items():
        ctl("account", "set", "ann@example.test", field, value)
    pathlib.Path("face.jpg").write_bytes(b"\xff\xd8\xff\xe0face")
    ctl("account", "set", "ann@example.test", "picture", "--file", "face.jpg")
    book = listed("account", "show", "ann@example.test")[0]
    check("what the address book tells is set and shown",
          (book["name"], book["title"], book["home-phone"], book["office"], book["picture-bytes"])
          == ("Ann B", "Chief Bötanist", "+49 30 1", "", 8))
    ctl("account", "set", "ann@example.test", "title", "")
    ctl("account", "set", "ann@example.test", "picture", "")
    book = listed("account", "show", "ann@example.test")[0]
    check("an empty value takes it away", (book["title"], book["picture-bytes"]) == ("", 0))
    pathlib.Path("face.svg").write_bytes(b"<svg/>")
    pathlib.Path("large.jpg").write_bytes(b"\xff\xd8\xff" + bytes(100 * 1024))
    check("what is no picture, or too large a one, is refused",
          refused("account", "set", "ann@example.test", "picture", "--file", "face.svg")
          and refused("account", "set", "ann@example.test", "picture", "--file", "large.jpg")
          and refused("account", "set", "ann@example.test", "picture", "--file", "nothing.jpg"))
    check("a value is one line of a bounded length",
          refused("account", "set", "ann@example.test", "title", "two\nlines")
          and refused("account", "set", "ann@example.test", "title", "x" * 257))
    for words in (("shoe-size", "44"), ("title",), ("title", "x", "--file", "face.jpg"), ("picture", "face.jpg")):
        ctl("account", "set", "ann@example.test", *words, status=2)
    check("an unknown field, and a value from nowhere or two places, are wrong use", True)
    check("an account is not removed without --yes", refused("account", "remove", "ann@example.test"))
    ctl("account", "remove", "ann@example.test", "--yes")
    check("an account is removed with --yes", listed("account", "list") == [])


def on_terminal(words, answers):
    """Runs a command with a terminal and types each answer when it is asked; the status and what the terminal showed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(BIN, [BIN, "-c", str(CONF), *words])
    seen = b""
    try:
        for answer in answers:
            asked = seen.count(b": ")
            while seen.count(b": ") == asked:
                seen += os.read(terminal, 4096)
            os.write(terminal, answer)
        while True:
            seen += os.read(terminal, 4096)
    except OSError as e:  # the terminal's other end is closed
        if e.errno != errno.EIO:
            raise
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


def test_password_prompt():
    ask = ["account", "add", "tty@example.test"]
    status, seen = on_terminal(ask, [b"geheim1\n", b"geheim2\n"])
    check("two passwords that differ are refused", status == 1 and b"differ" in seen)
    status, seen = on_terminal(ask, [b"gehe\x03"])
    check("Ctrl-C ends the question", status == 1 and b"interrupted" in seen)
    status, seen = on_terminal(ask, [b"geheim1\n", b"geheim1\n"])
    check("a password is asked for twice on the terminal", status == 0 and listed("account", "list")[-1]["password"])
    check("and not shown", b"geheim" not in seen)


def test_wrong_use():
    check("an unknown command is wrong use", misused("account", "nothing"))
    check("an unknown option is wrong use", misused("account", "list", "--nothing"))
    check("a missing word is wrong use", misused("import", "ann@example.test"))
    check("help tells every command", ctl("help").count(b"roostctl [-c FILE]") > 20)
    check("or one of them", ctl("help", "account", "rename").count(b"roostctl [-c FILE]") == 1)
    check("what is unknown is answered in a few lines", misused("nothing") and ctl.said.count("\n") < 6)
    check("an account that is not there is refused", refused("folder", "list", "nobody@example.test"))
    pathlib.Path("bad.conf").write_text("[server]\nnonsense = 1\n")
    done = subprocess.run([BIN, "-c", "bad.conf", "check-config"], stderr=subprocess.PIPE)
    check("check-config tells file and line", done.returncode == 1 and done.stderr.startswith(b"bad.conf:2: "))
    check("check-config passes what is right", b"nothing is wrong" in ctl("check-config"))


def test_samples():
    mails = [p.read_bytes() for p in SAMPLES]
    third = len(mails) // 3
    ann = account("maildir")
    flags = ["", "S", "RS", "FS", "PS", "D", "ST"]
    maildir("md", mails[:third], lambda i: flags[i % len(flags)])
    maildir("md/.Sent", mails[third:2 * third])
    maildir("md/.Entw&APw-rfe.Neu", mails[2 * third:])
    ctl("import", ann, "md")
    check("a Maildir++ comes with its folders", {k: v[0] for k, v in totals(ann).items()} ==
          {"Inbox": third, "Sent Items": third, "Entwürfe/Neu": len(mails) - 2 * third})
    words = {"": "", "S": "seen", "RS": "seen answered", "FS": "seen flagged", "PS": "seen forwarded", "D": "draft",
             "ST": "seen deleted"}
    inbox = listed("message", "list", ann)
    check("flags come from the names of a Maildir",
          [m["flags"] for m in inbox] == [words[flags[i % len(flags)]] for i in range(third)])
    check("mails of a Maildir stand in the order of their names and times",
          [m["received"] for m in inbox] == [f"2018-01-01T00:00:{i:02}Z" for i in range(third)])
    ctl("import", ann, "md")
    check("a second run of a Maildir adds nothing", ctl.said.startswith("0 added"))
    check("every octet of a Maildir's mails is kept", same_mails(shown(ann), map(stored, mails[:third])))

    bob = account("mbox")
    pathlib.Path("samples.mbox").write_bytes(mboxrd(mails))
    ctl("import", bob, "samples.mbox")
    ctl("import", bob, "samples.mbox")
    check("a second run of an mbox adds nothing", ctl.said.startswith("0 added"))
    with_end = [m if m.endswith(b"\n") else m + b"\r\n" for m in map(stored, mails)]
    check("every octet of an mbox's mails is kept", same_mails(shown(bob), with_end))
    pathlib.Path("out.mbox").write_bytes(ctl("export", bob))
    eve = account("again")
    ctl("import", eve, "out.mbox")
    check("an export imports to the same octets", same_mails(shown(eve), with_end))
    check("and exports to the same mbox", ctl("export", eve) == pathlib.Path("out.mbox").read_bytes())

    dan = account("files")
    ctl("import", dan, *SAMPLES[:3])
    ctl("import", dan, SAMPLES[0].parent)
    check("files and their folder give each mail once", same_mails(shown(dan), map(stored, mails)))
    ctl("import", dan, SAMPLES[0].parent, "--folder", "Old/2019")
    check("--folder makes the folder", totals(dan)["Old/2019"][0] == len(mails))
    ctl("import", dan, "md", "--folder", "Old")
    check("the folders of a Maildir++ go below --folder",
          totals(dan)["Old/Sent"][0] == third and totals(dan)["Old"][0] == third)


def test_mbox_details():
    ann = account("details")
    mail = b"Subject: equal\n\nbody\n\n"
    pathlib.Path("two").write_bytes((FROM + mail) * 2)
    pathlib.Path("three").write_bytes((FROM + mail) * 3)
    ctl("import", ann, "two")
    first = totals(ann)["Inbox"][0]
    ctl("import", ann, "three")
    said = ctl.said.split(";")[0]
    check("of equal mails the n-th is added where there are fewer",
          (first, totals(ann)["Inbox"][0], said) == (2, 3, "1 added, 2 there already"))
    pathlib.Path("status").write_bytes(
        FROM + b"Subject: a\nStatus: RO\nX-Status: F\n\nx\n\n" + FROM + b"Subject: b\nX-Mozilla-Status: 0009\n\nx\n\n" +
        FROM + b"Subject: c\nX-Mozilla-Status: 0002\n\nStatus: R\n\n")
    ctl("import", ann, "status", "--folder", "Status")
    check("what was deleted at the source is counted", "1 deleted at the source" in ctl.said)
    rows = listed("message", "list", ann, "--folder", "Status")
    check("flags come from the status fields of an mbox",
          [(m["subject"], m["flags"]) for m in rows] == [("a", "seen flagged"), ("c", "answered")])
    check("the time of an mbox's mail is that of its From_ line", rows[0]["received"] == "2018-01-01T00:00:00Z")


def test_bad_sources():
    ann = account("bad")
    os.makedirs("bad/deep")
    os.mkfifo("bad/fifo")
    os.symlink("absent", "bad/dangling")
    os.symlink("..", "bad/circle")
    files = {"empty": b"", "calendar": b"BEGIN:VCALENDAR\r\n", "image": b"\x89PNG\r\n", "mbox": b"From " + b"x" * 2000,
             "component": b"BEGIN:MYCOMP\r\nEND:MYCOMP\r\n", "good": b"Subject: good\n\n", "deep/good": b"Subject: deep\n\n",
             ".hidden": b"Subject: hidden\n\n"}
    for name, octets in files.items():
        pathlib.Path("bad", name).write_bytes(octets)
    ctl("import", ann, "bad", "absent", status=1)
    named = [n for n in ("empty", "calendar", "component", "image", "mbox", "fifo", "dangling", "circle")
             if f"roostctl: bad/{n}: " in ctl.said]
    check("what cannot be read is named", len(named) == 8 and "roostctl: absent: " in ctl.said)
    check("and counted", "2 added, 0 there already, 9 that could not be read" in ctl.said)
    check("and the rest comes in", sorted(m["subject"] for m in listed("message", "list", ann)) == ["deep", "good"])


def test_calendars():
    """A file of many events goes into the calendar, a second run adds nothing, and what comes out goes in again."""
    event = "BEGIN:VEVENT\r\nUID:%s\r\nDTSTART:20260101T1%d0000Z\r\nX-OWN:kept\\, too\r\nEND:VEVENT\r\n"
    path = pathlib.Path("calendar.ics")
    path.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "".join(event % (n, n % 10) for n in range(450))
                    + "END:VCALENDAR\r\n", newline="")
    account("cal")
    account("dar")
    ctl("import", "cal@example.test", str(path))
    ctl("import", "cal@example.test", str(path))
    out = ctl("export", "cal@example.test", "--folder", "Calendar")
    check("every event is there once", out.count(b"BEGIN:VEVENT") == 450)
    check("what nobody understands is kept", out.count(b"X-OWN:kept\\, too\r\n") == 450)
    path.write_bytes(out)
    ctl("import", "dar@example.test", str(path))
    check("what comes out goes in", ctl("export", "dar@example.test", "--folder", "Calendar") == out)
    ctl("import", "dar@example.test", str(path), "--folder", "Kids")
    check("of a calendar that is not there it is said where events go", "no such folder of class calendar" in ctl.said)
    check("and no folder of mail is made of its name", "Kids" not in totals("dar@example.test"))
    ctl("folder", "add", "dar@example.test", "Kids", "--class", "calendar")
    ctl("import", "dar@example.test", str(path), "--folder", "Kids")
    check("a calendar that was made takes events", ctl("export", "dar@example.test", "--folder", "Kids") != b""
          and any(f["path"] == "Kids" and f["class"] == "calendar" and f["total"] == 450
                  for f in listed("folder", "list", "dar@example.test")))
    check("a class that there is not is wrong use", misused("folder", "add", "dar@example.test", "X", "--class", "x"))


def test_backup():
    """A copy that is made while others write is a server of its own, and what is missing can be taken from it."""
    def ctl_of_copy(*words):
        return subprocess.run([BIN, "-c", "copy.conf", *words], check=True, stdout=subprocess.PIPE).stdout

    address = account("keep")
    large = b"Subject: large\r\n\r\n" + b"0123456789abcdef" * 20000 + b"\r\n"
    pathlib.Path("large.eml").write_bytes(large)
    ctl("import", address, "large.eml")
    state = re.search(r"^state_dir = (.*)$", CONF.read_text(), re.M)[1]
    backup = [os.environ["ROOST_SOURCE"] + "/tools/roost-backup", state, "copy"]
    check("a backup is made", subprocess.run(backup).returncode == 0)
    check("but not over another one", subprocess.run(backup, stderr=subprocess.DEVNULL).returncode == 1)
    mail = listed("message", "list", address)[0]["id"]
    ctl("message", "delete", address, mail)
    pathlib.Path("copy.conf").write_text(f"[server]\nhostname = copy\nstate_dir = {os.path.abspath('copy')}\n")
    check("it is sound", b"are sound" in ctl_of_copy("doctor"))
    check("and has what was deleted since, large bodies too", ctl_of_copy("message", "show", address, str(mail)) == large)
    pathlib.Path("back.mbox").write_bytes(ctl_of_copy("export", address))
    ctl("import", address, "back.mbox")
    check("from where it is brought back", shown(address) == [large])


def test_contacts_tasks_notes():
    """Cards, tasks and notes go into their folders, a second run adds nothing, and what comes out goes in again."""
    cards, todos = pathlib.Path("cards.vcf"), pathlib.Path("todos.ics")
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Hen;Ann %d;;;\r\nFN:Ann %d Hen\r\nUID:c%d\r\nX-OWN:kept\\, too\r\nEND:VCARD\r\n"
    old = "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Z=C3=BC;x\r\nEND:VCARD"
    cards.write_text("".join(card % (n, n, n) for n in range(450)) + old, newline="")
    todos.write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:t\r\nSUMMARY:Feed\r\nX-OWN:1\r\nEND:VTODO\r\n"
                     "BEGIN:VJOURNAL\r\nUID:n\r\nSUMMARY:Corn\r\n"
                     "X-ALT-DESC;FMTTYPE=text/html:<b>corn</b>\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n", newline="")
    account("cards")
    account("cards2")
    for _ in range(2):
        ctl("import", "cards@example.test", str(cards), str(todos))
    check("and again it says that they are there", "0 contacts, tasks or notes added, 453 there already" in ctl.said)
    outs = {folder: ctl("export", "cards@example.test", "--folder", folder) for folder in ("Contacts", "Tasks", "Notes")}
    check("every card is there once", outs["Contacts"].count(b"BEGIN:VCARD") == 451)
    check("what nobody understands of a card is kept", outs["Contacts"].count(b"X-OWN:kept\\, too\r\n") == 450)
    check("a card of 2.1 is one of 3.0", "N:Z\u00fc;x\r\n".encode() in outs["Contacts"])
    check("a task is a task, a note a note", outs["Tasks"].count(b"X-OWN:1") == 1 and b"SUMMARY:Corn" in outs["Notes"])
    check("and the HTML of one is kept", b"\r\nX-ALT-DESC;FMTTYPE=text/html:<b>corn</b>\r\n" in outs["Notes"])
    for folder, out in outs.items():
        cards.write_bytes(out)
        ctl("import", "cards2@example.test", str(cards))
        check(f"what comes out of {folder} goes in", ctl("export", "cards2@example.test", "--folder", folder) == out)


def calendars_are_shared():
    ann, bob = account("sharer"), account("delegate")
    check("a calendar is shared with nobody at first", listed("folder", "shares", ann) == [])
    ctl("folder", "share", ann, "calendar", bob)
    ctl("folder", "share", ann, "Calendar", bob, "--meetings", "both")
    check("folder shares tells with whom", [(r["folder"], r["guest"], r["right"], r["meetings"])
                                            for r in listed("folder", "shares", ann)] == [("Calendar", bob, "read", "both")])
    check("the guest has a folder of it", "Calendar (sharer@example.test)" in {f["path"] for f in listed("folder", "list", bob)})
    ctl("folder", "share", ann, "Contacts", bob, "--edit")
    check("other folders are shared, too", ("Contacts", "edit") in {(r["folder"], r["right"]) for r in listed("folder", "shares", ann)})
    check("what is shown of another can't be shared on", refused("folder", "share", bob, "Contacts (sharer@example.test)", ann))
    check("nor removed", refused("folder", "remove", bob, "Contacts (sharer@example.test)", "--yes"))
    ctl("folder", "unshare", ann, "Contacts", bob)
    ctl("deliver", ann, given=INVITATION)
    check("a delegate is told of a meeting request", b"Subject: Meeting request for" in ctl("export", bob))
    ctl("folder", "share", ann, "Calendar", bob, "--edit", "--meetings", "delegates")
    check("folder shares tells who gets meeting requests", listed("folder", "shares", ann)[0]["meetings"] == "delegates")
    before = ctl("export", ann)
    ctl("deliver", ann, given=INVITATION.replace(b"SUMMARY:", b"SEQUENCE:1\r\nSUMMARY:"))
    check("what is left to a delegate is not the owner's", ctl("export", ann) == before and ctl("export", bob).count(b"Meeting request for") >= 2)
    ctl("folder", "unshare", ann, "Calendar", bob)
    check("folder unshare takes it back", listed("folder", "shares", ann) == [])
    before = ctl("export", bob)
    ctl("deliver", ann, given=INVITATION)
    check("and the delegate is told of nothing any more", ctl("export", bob) == before)
    check("and the guest's folder is gone", not any("sharer" in f["path"] for f in listed("folder", "list", bob)))
    for words in (("share", ann, "Inbox", bob), ("share", ann, "Calendar", ann), ("share", ann, "Calendar", "no@example.test"),
                  ("unshare", ann, "Calendar", bob), ("unshare", ann, "Contacts", bob),
                  ("share", ann, "Calendar", bob, "--meetings", "copy"), ("share", ann, "Contacts", bob, "--meetings", "both")):
        check(f"folder {' '.join(words[:1] + words[2:])} is refused", refused("folder", *words))
    check("what was refused has shared nothing", listed("folder", "shares", ann) == [])


def folders_change(ann, mail):
    def paths():
        return {f["path"] for f in listed("folder", "list", ann)}

    ctl("folder", "add", ann, "Deep/Down/Under")
    check("folder add makes those above it", {"Deep", "Deep/Down", "Deep/Down/Under"} <= paths())
    ctl("message", "move", ann, mail, "--folder", "Deep/Down")
    ctl("folder", "rename", ann, "Deep/Down", "Up")
    check("folder rename takes along what is in it", {"Deep", "Up", "Up/Under"} <= paths() and
          [m["id"] for m in listed("message", "list", ann, "--folder", "Up")] == [mail])
    for words in (("add", ann, "Deep"), ("add", ann, ""), ("rename", ann, "Deep", "Up"), ("rename", ann, "Deep", "Deep/Er"),
                  ("rename", ann, "No", "Yes"), ("rename", ann, "Inbox", "Outbox2"), ("remove", ann, "Inbox", "--yes"),
                  ("remove", ann, "Up"), ("remove", ann, "No", "--yes")):
        before = paths()
        check(f"folder {' '.join(words[:1] + words[2:])} is refused", refused("folder", *words) and paths() == before)
    ctl("message", "move", ann, mail, "--folder", "Trash")
    ctl("folder", "remove", ann, "Up", "--yes")
    check("folder remove takes those below it", not {"Up", "Up/Under"} & paths())


def test_deliver_and_edits():
    ann = account("deliver")
    mail = b"From: b@example.test\nSubject: \x1b[2Jhi\n\nno line end"
    ctl("deliver", ann, given=mail)
    check("a delivered message is stored as it is", shown(ann) == [stored(mail)])
    check("without a message there is nothing to deliver", refused("deliver", ann))
    CONF.write_text(CONF.read_text() + "[lmtp]\nmax_message = 64K\n")
    ctl("deliver", ann, given=b"A: b\r\n\r\n".ljust(65536, b"x"))
    check("a message of the largest size is taken", totals(ann)["Inbox"] == (2, 2))
    check("one octet more is refused", refused("deliver", ann, given=b"A: b\r\n\r\n".ljust(65537, b"x")))
    check("a refused message leaves nothing", totals(ann)["Inbox"] == (2, 2))
    check("a terminal is not steered by a subject", b"\x1b" not in ctl("message", "list", ann))
    ids = [m["id"] for m in listed("message", "list", ann)]
    ctl("message", "read", ann, *ids)
    ctl("message", "unread", ann, ids[1])
    ctl("message", "flag", ann, *ids)
    ctl("message", "unflag", ann, ids[1])
    check("flags are set and cleared", [m["flags"] for m in listed("message", "list", ann)] == ["seen flagged", ""])
    check("of several messages all are changed or none",
          refused("message", "delete", ann, *ids, 999999) and totals(ann)["Inbox"] == (2, 1))
    check("what is no number is wrong use", misused("message", "read", ann, "x"))
    ctl("message", "move", ann, ids[0], "--folder", "Trash")
    check("a message is moved and keeps its number",
          [m["id"] for m in listed("message", "list", ann, "--folder", "Deleted Items")] == [ids[0]])
    check("a folder that is not there is refused", refused("message", "move", ann, ids[0], "--folder", "Nowhere"))
    folders_change(ann, ids[0])
    calendars_are_shared()
    ctl("message", "delete", ann, *ids)
    check("messages are deleted", totals(ann) == {})
    check("a deleted message is not shown", refused("message", "show", ann, ids[0]))
    versions = [ctl("account", "max-version", ann), ctl("account", "max-version", ann, "14.1"),
                ctl("account", "max-version", ann), ctl("device", "max-version", ann, "PHONE1", "12.1"),
                ctl("device", "max-version", ann, "PHONE1"), ctl("account", "max-version", ann, "none"),
                ctl("account", "max-version", ann), ctl("device", "max-version", ann, "PHONE1")]
    ctl("account", "max-version", ann, "14.2", status=2)
    ctl("account", "redirect", ann, "https://mail.other.test")
    check("account redirect says where clients are sent", ctl("account", "redirect", ann)
          == b"https://mail.other.test\n" and ctl("account", "redirect", ann, "none") == b"")
    ctl("account", "redirect", ann, "http://mail.other.test/path", status=2)
    check("none stands for an account that lives here", ctl("account", "redirect", ann) == b"none\n")
    ctl("device", "max-version", ann, "a,b", "14.1", status=2)
    check("the highest version of an account and of a device is set, told and taken away",
          versions == [b"none\n", b"", b"14.1\n", b"", b"12.1\n", b"", b"none\n", b"12.1\n"])
    check("devices are listed", listed("device", "list") == [] and refused("device", "show", ann, "NONE"))
    check("sweep passes", b"swept" in ctl("sweep"))


def overheard(*words, given=b"", answers=100):
    """What a command says to roostd, here played by us; after so many answers it dies."""
    path = pathlib.Path("state/roostd.sock")
    said = []
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()

        def serve():
            with server.accept()[0] as peer, peer.makefile("rb") as lines:
                for line in lines:
                    said.append(line.decode().strip())
                    if len(said) > answers:
                        return
                    peer.sendall(b"ok\n")

        listener = threading.Thread(target=serve)
        listener.start()
        ctl(*words, given=given)
        listener.join()
    path.unlink()
    return said


def test_announcements():
    ann = account("announced")
    row = next(a for a in listed("account", "list") if a["address"] == ann)["id"]
    inbox = [f"begin {row}", f"committed {row}"]
    mail = b"Subject: told\n\n"
    check("a delivery is announced before it is written and after", overheard("deliver", ann, given=mail) == inbox)
    message = listed("message", "list", ann)[0]["id"]
    check("as is an edit", overheard("message", "read", ann, message) == inbox)
    check("an edit that changes nothing is never committed",
          overheard("message", "read", ann, message) == inbox[:1])
    check("reading announces nothing", overheard("message", "list", ann) == [])
    check("an account that may no longer log in is announced",
          overheard("account", "disable", ann) == [f"account {row}"])
    maildir("announced", [mail * (i + 2) for i in range(599)])
    said = overheard("import", ann, "announced")
    check("an import announces each of its transactions",
          len(said) >= 6 and all(a + b == "".join(inbox) for a, b in zip(said[::2], said[1::2])))
    said = overheard("deliver", ann, given=b"Subject: later\n\n", answers=1)
    check("a roostd that dies in the middle does not matter",
          len(said) == 2 and totals(ann)["Inbox"][0] == 601)


def test_interrupt():
    ann = account("interrupt")
    mails = [b"Subject: %d\n\n" % i + b"x" * 2000 for i in range(8000)]
    maildir("many", mails)
    leader, follower = pty.openpty()
    process = subprocess.Popen([BIN, "-c", str(CONF), "import", ann, "many"], stderr=follower)
    os.close(follower)
    seen = b""
    try:
        while b" mails, " not in seen:
            seen += os.read(leader, 4096)
        process.send_signal(signal.SIGINT)
        while True:
            seen += os.read(leader, 4096)
    except OSError as e:  # the terminal's other end is closed
        if e.errno != errno.EIO:
            raise
    status, between = process.wait(), totals(ann).get("Inbox", (0, 0))[0]
    check("an interrupted import keeps what it committed", status == 1 and 0 < between < len(mails))
    check("and says so", b"interrupted; a second run goes on" in seen)
    ctl("import", ann, "many")
    check("a second run adds what is missing", ctl.said.startswith(f"{8000 - between} added, {between} there already"))
    check("in the end every mail is there once", totals(ann)["Inbox"][0] == len(mails))


def test_owner():
    if os.geteuid() != 0:
        print("skip owner only root can become somebody else")
        return
    nobody = 65534
    os.mkdir("theirs", 0o700)
    os.chown("theirs", nobody, nobody)
    os.mkdir("private", 0o700)
    pathlib.Path("private/mail").write_bytes(b"Subject: private\n\n")
    for folder in (pathlib.Path.cwd(), pathlib.Path.cwd().parent):
        os.chmod(folder, folder.stat().st_mode | 0o011)
    CONF.write_text(f"[server]\nstate_dir = {os.getcwd()}/theirs\n")
    ann = account("owner")
    ctl("import", ann, "private")
    owners = {p.stat().st_uid for p in pathlib.Path("theirs").rglob("*")}
    check("root leaves no file of its own in another's state directory", owners == {nobody})
    check("root imports what only root can read", totals(ann)["Inbox"][0] == 1)


def test_corpus():
    mails = sorted((pathlib.Path(SHARED) / "corpus/mail").glob("*.eml")) if SHARED else []
    if not mails:
        print("skip corpus there is no shared material")
        return
    ann = account("corpus")
    ctl("import", ann, *mails)
    octets = [p.read_bytes() for p in mails]
    check("every mail of the corpus comes back octet by octet but for bare LFs",
          same_mails(set(shown(ann)), set(map(stored, octets))))
    bob = account("corpus2")
    pathlib.Path("corpus.mbox").write_bytes(ctl("export", ann))
    ctl("import", bob, "corpus.mbox")
    check("and through an export", ctl("export", bob) == pathlib.Path("corpus.mbox").read_bytes())


def test_oof():
    ann = account("away")
    check("nobody is away at first", [row["state"] for row in listed("oof", "show", ann)] == ["off"])
    check("who has no text cannot be away", refused("oof", "set", ann, "on"))
    ctl("oof", "set", ann, "on", "-", given="Back on Monday, \u00e9t\u00e9\n".encode())
    row = listed("oof", "show", ann)[0]
    check("who is away says why, to everybody",
          (row["state"], row["internal"], row["external_unknown"]) == ("on",) + ("Back on Monday, \u00e9t\u00e9",) * 2)
    pathlib.Path("inside.txt").write_text("Ask Bob")
    ctl("oof", "set", ann, "on", "inside.txt", "--to", "internal", "--start", "2026-12-24", "--end", "2027-01-02T08:00:00Z")
    row = listed("oof", "show", ann)[0]
    check("for a time, and to some another text than to others",
          (row["state"], row["start"], row["end"], row["internal"], row["external_known"]) ==
          ("timed", "2026-12-24T00:00:00Z", "2027-01-02T08:00:00Z", "Ask Bob", "Back on Monday, \u00e9t\u00e9"))
    ctl("oof", "set", ann, "off")
    row = listed("oof", "show", ann)[0]
    check("who is back keeps his text for the next time", (row["state"], row["internal"]) == ("off", "Ask Bob"))
    pathlib.Path("latin.txt").write_bytes(b"\xe9t\xe9")
    for words in (("maybe",), ("on", "absent.txt"), ("on", "latin.txt"), ("on", "--start", "2026-12-24"), ("off", "--end", "2026-12-24"),
                  ("on", "--start", "2026-12-24", "--end", "2026-12-23"), ("on", "--start", "soon", "--end", "later"),
                  ("on", "inside.txt", "--to", "everybody")):
        check(f"oof set {' '.join(words)} is refused", refused("oof", "set", ann, *words))
    check("nothing of what was refused is kept", listed("oof", "show", ann)[0] == row)


def has_terminals():
    """False where /dev/pts is not mounted, as in a bare chroot."""
    try:
        for end in pty.openpty():
            os.close(end)
    except OSError:
        return False
    return True


CONF.write_text(f"[server]\nstate_dir = {os.getcwd()}/state\n")
test_accounts()
if has_terminals():
    test_password_prompt()
else:
    print("skip password-prompt no terminals here (/dev/pts)")
test_wrong_use()
test_samples()
test_mbox_details()
test_bad_sources()
test_calendars()
test_contacts_tasks_notes()
test_announcements()
if has_terminals():
    test_interrupt()
else:
    print("skip interrupt no terminals here (/dev/pts)")
test_corpus()
test_deliver_and_edits()
test_oof()
test_backup()
test_owner()
