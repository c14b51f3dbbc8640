#!/usr/bin/env python3
"""The life of a phone, as its administrator sees it: discovered, quarantined, approved, provisioned, its policy changed,
provisioned again, wiped, removed, back again; and wrong use of every command about devices."""
import base64
import concurrent.futures
import http.client
import json
import pathlib
import re
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__import__("os").environ["ROOST_SOURCE"]) / "tests/support"))
from front import until  # noqa: E402
from roostd import BIN, HTTP_HOST, Phone, Server, add_account, check, ctl, run  # noqa: E402

ANN, ROOT = "ann@example.test", "root@example.test"


def listed(*words):
    return json.loads(ctl(*words, "--json"))


def shown(device="PHONE1"):
    return listed("device", "show", ANN, device)[0]


def tried(*words, given=b""):
    """Exit status and what was said."""
    done = subprocess.run([BIN / "roostctl", "-c", "roost.conf", *map(str, words)], input=given, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE)
    return done.returncode, done.stderr.decode()


def refused(*words, given=b""):
    status, said = tried(*words, given=given)
    return status == 1 and said.startswith("roostctl: ")


def misused(*words, given=b""):
    status, said = tried(*words, given=given)
    return status == 2 and said.startswith("roostctl: ") and "usage:" in said


def subjects(address):
    return [m["subject"] for m in listed("message", "list", address)]


def fails(phone, *words):
    """What the phone complains of."""
    done = subprocess.run([BIN / "roost-phone", *phone.words, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return done.stderr.decode() if done.returncode else ""


def life(server):
    phone = Phone(server, ANN, "PHONE1")
    ctl("deliver", ANN, given=b"Subject: private\n\nsecret\n")
    ctl("quarantine", "admins", ROOT)
    ctl("quarantine", "text", "Ask Root.")
    ctl("access-rule", "default", "quarantine")

    phone.begin()
    d = shown()
    check("a new phone is discovered and waits", d["access"] == "quarantine" and d["model"] == "roost-phone")
    check("quarantine list has it", [q["device_id"] for q in listed("quarantine", "list")] == ["PHONE1"])
    check("the administrator is told", subjects(ROOT) == ["A phone is in quarantine"])
    seen = b"".join(phone.mails())
    check("the phone sees why it waits", b"Ask Root." in seen)
    check("and nothing else", b"secret" not in seen and len(phone.mails()) == 1)

    held = phone.start("ping")
    ctl("quarantine", "approve", ANN, "PHONE1")
    for command in "folders", "sync":
        phone.do(command, "--resync")
    held.kill()
    held.wait()
    seen = b"".join(phone.mails())
    check("a phone that is approved has its mail", b"secret" in seen and shown()["access"] == "allow")
    check("the mail that told why is gone", b"Ask Root." not in seen)
    check("device list counts it once", len(listed("device", "list", ANN)) == 1)
    inbox = [f for f in listed("device", "folders", ANN, "PHONE1") if f["folder"] == "Inbox"]
    check("device folders tells what it has", inbox and inbox[0]["items"] == 1)

    ctl("policy", "create", "strict", "DevicePasswordEnabled=1", "MinDevicePasswordLength=6")
    ctl("policy", "assign", "strict", ANN, "--spread", "1")
    check("a policy is asked for", "not provisioned" in fails(phone, "sync") or "policy" in fails(phone, "sync"))
    phone.do("provision")
    phone.do("sync")
    d = shown()
    check("what was provisioned is told", (d["policy"], d["policy_status"]) == ("strict", "applied"))
    held = phone.start("ping")
    ctl("policy", "set", "strict", "MinDevicePasswordLength=8", "--spread", "1")
    held.wait(60)
    check("a phone that waits is woken for a changed policy", True)
    check("a changed policy is asked for again", "changed" in fails(phone, "sync"))
    phone.do("provision")
    phone.do("sync")
    phone.do("sync")
    ctl("policy", "set", "strict", "AllowNonProvisionableDevices=1", "--spread", "1")
    phone.do("sync")
    check("what the phone is not told of makes it do nothing", True)

    check("a wipe without --yes does nothing", refused("device", "wipe", ANN, "PHONE1") and shown()["wipe"] == "")
    ctl("device", "wipe", ANN, "PHONE1", "--account-only", "--yes")
    check("a wipe is requested", shown()["wipe"] == "account, requested")
    ctl("device", "wipe-cancel", ANN, "PHONE1")
    phone.do("sync")
    check("a wipe is taken back before it is told", shown()["wipe"] == "")
    held = phone.start("ping")
    ctl("device", "wipe", ANN, "PHONE1", "--account-only", "--yes")
    held.wait()
    check("what is held for it ends", True)
    check("the phone is asked to wipe", "wipe" in fails(phone, "sync"))
    said = run("roost-phone", *phone.words, "provision")
    check("the phone obeys", b"wiped" in said and phone.mails() == [])
    d = shown()
    check("its word is kept", d["wipe"] == "account, done" and d["wipe_acknowledged"])
    check("user and administrator are told", "A phone was wiped" in subjects(ANN) and "A phone was wiped" in subjects(ROOT))
    check("it is kept out", "blocked" in fails(phone, "provision"))
    check("a wipe that is done is not taken back", refused("device", "wipe-cancel", ANN, "PHONE1"))

    ctl("device", "remove", ANN, "PHONE1")
    check("a removed device is gone", listed("device", "list", ANN) == [])
    phone = Phone(server, ANN, "PHONE1")
    ctl("device", "allow", ANN, "PHONE1")
    for command in "provision", "folders", "sync":
        phone.do(command)
    check("and comes back as a new one", b"secret" in b"".join(phone.mails()) and shown()["policy"] == "strict")
    old = Phone(server, ANN, "PHONE2")
    old.words += ["--version", "14.1"]
    fails(old, "provision")
    check("a wipe of the account alone is refused for older ones, with the reason",
          "16.1" in tried("device", "wipe", ANN, "PHONE2", "--account-only", "--yes")[1] and shown("PHONE2")["wipe"] == "")


def decisions():
    number = int(ctl("access-rule", "add", "block", "DeviceType", "Android*", "--pattern"))
    ctl("access-rule", "add", "allow", "UserAgent", "good/1")

    def tested(*words):
        d = json.loads(ctl("access-rule", "test", ANN, *words, "--json"))[0]
        return d["level"], d["decided_by"]

    check("access-rule test names the rule", tested("--type", "Android-7") ==
          ("block", f'rule {number} (DeviceType is like "Android*")'))
    check("or the default", tested("--type", "iPhone") == ("quarantine", "the default level"))
    check("a rule that blocks comes before one that allows", tested("--type", "Android", "--user-agent", "good/1")[0] == "block")
    check("the account's list comes before the rules", tested("--device", "PHONE1", "--type", "Android")[0] == "allow")
    ctl("account", "activesync", ANN, "off")
    check("the account's switch comes before all", tested("--device", "PHONE1")[0] == "block")
    check("and says how it stands", ctl("account", "activesync", ANN) == b"off\n")
    ctl("account", "activesync", ANN, "on")
    ctl("access-rule", "remove", number)
    check("a rule goes", len(listed("access-rule", "list")) == 1)


def policies():
    text = ctl("policy", "export", "strict")
    ctl("policy", "import", "copy", given=b"# as strict\n\n" + text)
    check("an export imports to the same policy", ctl("policy", "export", "copy") == text)
    rows = {r["setting"]: r for r in listed("policy", "show", "strict")}
    check("policy show tells who keeps to a setting", rows["AllowCamera"]["kept_by"] == "phone"
          and rows["AttachmentsEnabled"]["kept_by"] == "phone and server"
          and rows["AllowNonProvisionableDevices"]["kept_by"] == "server")
    check("and what is set", rows["MinDevicePasswordLength"]["value"] == "8" and rows["MinDevicePasswordLength"]["set"]
          and not rows["AllowCamera"]["set"] and len(rows) == 45)
    check("none asks for nothing by default", ctl("policy", "default") == b"none\n")
    ctl("policy", "group", "create", "staff")
    ctl("policy", "group", "add", "staff", ANN, ROOT)
    ctl("policy", "assign", "copy", "--group", "staff")
    check("policy list tells who has it", {p["name"]: p["assigned_to"] for p in listed("policy", "list")} ==
          {"none": "", "copy": "group staff", "strict": ANN})
    check("a policy that is assigned stays", refused("policy", "delete", "copy"))
    check("policy group show lists the members", [m["address"] for m in listed("policy", "group", "show", "staff")] == [ANN, ROOT])
    ctl("policy", "group", "remove", "staff", ROOT)
    ctl("policy", "unassign", "--group", "staff")
    ctl("policy", "delete", "copy")
    ctl("policy", "group", "delete", "staff")
    check("groups and policies go", listed("policy", "group", "list") == [] and len(listed("policy", "list")) == 2)
    before = ctl("policy", "export", "strict")
    check("of several settings all are changed or none",
          misused("policy", "set", "strict", "AllowCamera=0", "AllowWiFi=2") and ctl("policy", "export", "strict") == before)
    check("an import says which line is wrong and changes nothing",
          "line 2: " in tried("policy", "import", "strict", given=b"AllowCamera=0\nAllowWiFi=7\n")[1]
          and ctl("policy", "export", "strict") == before)


MISUSES = [
    ("device trace", ANN, "PHONE1"), ("device trace", ANN, "PHONE1", "maybe"),
    ("device trace", ANN, "PHONE1", "on", "--minutes", "0"), ("device trace", ANN, "PHONE1", "on", "--minutes", "1441"),
    ("account app-password add", ANN), ("account app-password add", ANN, "x", "--services", "ftp"),
    ("account app-password add", ANN, "x", "--services", "imap", "--device", "PHONE1"),
    ("account app-password list",), ("account app-password remove", ANN), ("account service",),
    ("account service", ANN, "imap"), ("account service", ANN, "ftp=on"), ("account service", ANN, "imap=maybe"),
    ("account service", ANN, "activesync=off"), ("account service", "everyone", "imap=app", "pop3"),
    ("auth log", ANN, "x"), ("auth log", "--limit", "0"), ("auth log", "--limit", "x"),
    ("auth log", "--limit", "50001"),
    ("device show", ANN), ("device wipe", ANN), ("device wipe", ANN, "PHONE1", "--then", "maybe"),
    ("device allow", ANN, "a,b"), ("device block", ANN, "*"), ("device unlist", ANN), ("device reap", "0"),
    ("device reap", "x"), ("device folders", ANN), ("device resync",), ("device remove", ANN), ("device wipe-cancel", ANN),
    ("policy create",), ("policy create", "p", "Nonsense=1"), ("policy create", "p", "AllowCamera"),
    ("policy create", "p", "AllowCamera=2"), ("policy create", "p", "AllowCamera=0", "AllowCamera=1"),
    ("policy set", "strict"), ("policy set", "strict", "MinDevicePasswordLength=17"),
    ("policy set", "strict", "AllowCamera=0", "--spread", "0"), ("policy set", "strict", "AllowCamera=0", "--spread", "9999"),
    ("policy assign", "strict"), ("policy assign", "strict", ANN, "--group", "g"), ("policy unassign",), ("policy show",),
    ("policy default", "a", "b"), ("policy export",), ("policy import",), ("policy list", "x"), ("policy delete",),
    ("policy group create",), ("policy group add", "g"), ("policy group remove", "g"), ("policy group show",), ("policy group delete",), ("policy group list", "x"),
    ("access-rule add", "allow", "DeviceType"), ("access-rule add", "maybe", "DeviceType", "x"),
    ("access-rule add", "allow", "DeviceColour", "x"), ("access-rule add", "allow", "DeviceType", ""),
    ("access-rule remove", "x"), ("access-rule default", "maybe"), ("access-rule test",),
    ("access-rule test", ANN, "--device", "a b"), ("access-rule list", "x"), ("quarantine text", "x" * 257),
    ("quarantine approve", ANN), ("quarantine refuse", ANN), ("quarantine list", "a", "b"),
    ("account activesync", ANN, "maybe"), ("account activesync",),
]
REFUSALS = [
    ("device trace", ANN, "NONE", "on"), ("device trace", ANN, "PHONE1", "show"), ("device trace", ANN, "PHONE1", "off"),
    ("account app-password add", "x@example.test", "x"), ("account app-password add", ANN, ""),
    ("account app-password add", ANN, "x" * 65), ("account app-password add", ANN, "x", "--device", "a b"),
    ("account app-password remove", ANN, "none"), ("account app-password list", "x@example.test"),
    ("account service", "x@example.test"), ("auth log", "x@example.test"),
    ("device show", ANN, "NONE"), ("device wipe", ANN, "NONE", "--yes"), ("device remove", "x@example.test", "PHONE1"),
    ("policy show", "nothing"), ("policy create", "strict"), ("policy create", "none"), ("policy create", "a b"),
    ("policy set", "nothing", "AllowCamera=0"), ("policy assign", "nothing", ANN), ("policy assign", "strict", "x@example.test"),
    ("policy assign", "strict", "--group", "nothing"), ("policy unassign", ROOT), ("policy delete", "nothing"),
    ("policy default", "nothing"), ("policy export", "nothing"), ("policy group create", "a/b"), ("policy group delete", "nothing"),
    ("policy group add", "nothing", ANN), ("access-rule remove", "4711"), ("quarantine admins", "x@example.test"),
]


def with_password(phone, password):
    return [password if word == "secret" else word for word in phone.words]


def logins(server):
    """Passwords for single programs, what services take, and the log of it."""
    ctl("access-rule", "default", "allow")
    phone = Phone(server, ANN, "APP1")
    secret = ctl("account", "app-password", "add", ANN, "my phone", "--device", "APP1").decode().strip()
    check("an app password is said once", re.fullmatch(r"([a-z2-7]{5}-){3}[a-z2-7]{5}", secret)
          and secret.encode() not in ctl("account", "app-password", "list", ANN, "--json"))
    check("a second one of that name is refused", refused("account", "app-password", "add", ANN, "my phone"))
    ctl("account", "service", ANN, "activesync=app")
    check("the account's own password is refused then", "401" in fails(phone, "folders"))
    words, phone.words = phone.words, with_password(phone, secret)
    phone.begin()
    check("the app password is let in", shown("APP1")["access"] == "allow")
    row = listed("account", "app-password", "list", ANN)[0]
    check("its last use is listed", row["last_used"] and row["last_service"] == "activesync"
          and row["last_peer"] == "127.0.0.1")
    other = Phone(server, ANN, "APP2")
    other.words = with_password(other, secret)
    check("no other phone's", "401" in fails(other, "folders"))
    held = phone.start("ping", "--heartbeat", "300")
    until(lambda: [s for s in listed("session", "list") if "device=APP1 cmd=Ping" in s["what"]])
    ctl("account", "app-password", "remove", ANN, "my phone")
    held.wait(timeout=60)
    held.stderr.close()
    check("what was revoked ends what waits, and is refused", "401" in fails(phone, "folders"))
    phone.words = words
    ctl("account", "service", ANN, "activesync=default")
    check("the account's own is taken again", fails(phone, "folders") == "")
    until(lambda: {r["result"] for r in listed("auth", "log", ANN)} >= {"logged in", "denied", "refused"})
    log = [(r["result"], r["service"], r["peer"], r["app_password"]) for r in listed("auth", "log", ANN)]
    check("auth log tells who, from where, with what", ("logged in", "activesync", "127.0.0.1", "my phone") in log
          and ("refused", "activesync", "127.0.0.1", "my phone") in log)


def trace(server):
    """What a device asks and is answered, without its contents unless asked for."""
    phone = Phone(server, ANN, "TRACED")
    phone.begin()
    which = "device", "trace", ANN, "TRACED"
    ctl(*which, "on", "--minutes", "5")
    ctl("deliver", ANN, given=b"Subject: private matters\n\nsecret\n")
    phone.do("sync", "--resync")
    until(lambda: b"<Sync" in ctl(*which, "show"))
    seen = ctl(*which, "show")
    check("a trace shows the protocol", b"<SyncKey>" in seen and b"The trace ends in" in seen and b"status=200" in seen)
    check("and no contents", b"private matters" not in seen and b"octets]" in seen)
    state, *exchanges = listed(*which, "show")
    check("as JSON too", state["runs"] and exchanges[0]["command"] == "Sync" and "<Sync" in exchanges[0]["answer"])
    ctl(*which, "on", "--bodies")
    ctl("deliver", ANN, given=b"Subject: private matters\n\nsecret\n")
    phone.do("sync", "--resync")
    until(lambda: b"private matters" in ctl(*which, "show"))
    check("with --bodies it shows the contents", True)
    ctl(*which, "off")
    check("off forgets it", refused(*which, "show"))


def asked(server, device, command, body):
    """What roost answers: body is hex, with strings in quotes."""
    octets = bytes.fromhex("03016a00" + re.sub("'(.*?)'", lambda m: m[1].encode().hex(), body))
    connection = http.client.HTTPConnection(HTTP_HOST, server.http)
    connection.request("POST", f"/Microsoft-Server-ActiveSync?Cmd={command}&User={ROOT}&DeviceId={device}&DeviceType=Phone", octets,
                       {"Authorization": "Basic " + base64.b64encode(f"{ROOT}:secret".encode()).decode(),
                        "MS-ASProtocolVersion": "14.1", "Content-Type": "application/vnd.ms-sync.wbxml"})
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    return said if answer.status == 200 else b""


def says_it_sends_texts(server, device, value):
    """EnableOutboundSMS (page 12: 45 Settings, 56 DeviceInformation, 48 Set, 61)."""
    return asked(server, device, "Settings", f"0012 45 56 48 61 03 '{value}' 00 01 01 01 01") != b""


def stands_at_outbox(server, device):
    """It has begun there, with texts. Page 7: 56 FolderSync, 52 SyncKey, 48 ServerId, 4A Type (6: the Outbox)."""
    folders = asked(server, device, "FolderSync", "0007 56 52 03 '0' 00 01 01")
    outbox = re.search(rb"H\x03(\d+)\x00\x01[^H]*J\x036\x00", folders)[1].decode()
    answer = asked(server, device, "Sync", f"45 5C 4F 4B 03 '0' 00 01 52 03 '{outbox}' 00 01 01 01 01")
    key = re.search(rb"K\x03(.*?)\x00", answer)[1].decode()

    def sync(commands=""):
        return asked(server, device, "Sync", f"45 5C 4F 4B 03 '{key}' 00 01 52 03 '{outbox}' 00 01 57 50 03 'Email' 00 01 01 "
                     f"57 50 03 'SMS' 00 01 01 {commands} 01 01 01")
    return outbox, sync


# An Add (47) of page 0; of page 2: 58 From, 56 To, 4F DateReceived; of page 17: 4A Body, 46 Type, 4B Data.
TEXT = ("56 47 50 03 'SMS' 00 01 4C 03 'c1' 00 01 5D 0002 58 03 '\"Root\" [MOBILE:+15550100]' 00 01 "
        "56 03 '\"Ann\" [MOBILE:+15550199]' 00 01 4F 03 '2025-12-31T10:00:00.000Z' 00 01 "
        "0011 4A 46 03 '1' 00 01 4B 03 'Once' 00 01 01 01 01 0000 01")


def blocked_sender(server):
    """SMS2 sends; SMS1 does where that one may not."""
    _, sync = stands_at_outbox(server, "SMS3")
    check("a text to send is handed on", b"N\x031\x00" in sync(TEXT))
    outbox, sync = stands_at_outbox(server, "SMS1")
    check("one that is not the sender is not told of it", b"Once" not in sync())
    ping = f"000D 45 48 03 '480' 00 01 49 4A 4B 03 '{outbox}' 00 01 4C 03 'Email' 00 01 01 01 01"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        held = pool.submit(asked, server, "SMS1", "Ping", ping)
        until(lambda: [s for s in listed("session", "list") if "device=SMS1 cmd=Ping" in s["what"]])
        ctl("device", "block", ROOT, "SMS2")
        check("who waits is woken where the sender is blocked", b"G\x032\x00" in held.result(60))
    check("and is told of it", b"Once" in sync())


def texts(server):
    def senders():
        return {listed("device", "show", ROOT, device)[0]["texts_sent_by"] for device in ("SMS1", "SMS2")}

    said = [says_it_sends_texts(server, device, 0) for device in ("SMS1", "SMS2")]
    check("device show tells of no device that sends texts", said == [True, True] and senders() == {""})
    for device in "SMS1", "SMS2":
        says_it_sends_texts(server, device, 1)
    check("of two that say so it tells the later", senders() == {"SMS2"})
    says_it_sends_texts(server, "SMS2", 0)
    check("and the former, where that one no longer does", senders() == {"SMS1"})
    says_it_sends_texts(server, "SMS2", 1)
    blocked_sender(server)


def wrong_use():
    wrong = [m for m in MISUSES if not misused(*m[0].split(), *m[1:])]
    sys.stderr.write(f"{wrong}\n")
    check("wrong use says what was expected, with status 2", not wrong)
    wrong = [m for m in REFUSALS if not refused(*m[0].split(), *m[1:])]
    sys.stderr.write(f"{wrong}\n")
    check("what cannot be is refused with a reason, and status 1", not wrong)


def main():
    server = Server()
    server.start()
    add_account(ANN)
    add_account(ROOT)
    try:
        life(server)
        decisions()
        policies()
        logins(server)
        trace(server)
        texts(server)
        wrong_use()
    finally:
        server.stop()


main()
