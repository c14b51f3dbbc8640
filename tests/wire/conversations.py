#!/usr/bin/env python3
"""
Recorded conversations (conversations/VERSION/COMMAND.xml): each is held again, request by request, with an account of
its own, and the answers must be as they were. The octets are made and read by tests/support/eas_wbxml.py, not by roost;
the answers must validate against the published schemas where these are there. What is another each time (sync keys,
times) has a name in braces. With --record (and ROOST_BIN, ROOST_SOURCE, in an empty folder) the answers are written
anew: read the difference before you keep it.
"""
import base64
import collections
import concurrent.futures
import http.client
import os
import pathlib
import re
import smtplib
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

SOURCE = pathlib.Path(os.environ["ROOST_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/support"))
import eas_wbxml  # noqa: E402
from roostd import HTTP_HOST, Server, check, ctl  # noqa: E402

FOLDER = SOURCE / "tests/wire/conversations"
KEYS = {"{AirSync}SyncKey": "sync key", "{FolderHierarchy}SyncKey": "folder key", "{GetItemEstimate}SyncKey": "sync key",
        "{Provision}PolicyKey": "policy key"}
VOLATILE = {"{Email}DateReceived": "time", "{Email2}ConversationIndex": "index", "{Email2}ConversationId": "conversation",
            "{ItemOperations}ConversationId": "conversation", "{AirSyncBase}EstimatedDataSize": "size",
            "{Email2}LastVerbExecutionTime": "time"}
TRACE = re.compile(r"(?m)^(Received|Return-Path|Date|Message-ID|X-[A-Za-z-]+):.*(\r?\n[ \t].*)*\r?\n")


class Talk:
    """One conversation."""

    def __init__(self, path, secret, port, lmtp):
        self.path, self.secret, self.port, self.lmtp = path, secret, port, lmtp
        self.root = ElementTree.parse(path, ElementTree.XMLParser(
            target=ElementTree.TreeBuilder(insert_comments=True))).getroot()
        self.command, self.version = self.root.get("command"), self.root.get("version")
        self.name = f"{self.version}/{self.command}"
        self.account = account_of(path)
        self.values, self.numbers = {}, collections.Counter()
        self.documents = []

    def deliver(self, text):
        with smtplib.LMTP(self.lmtp) as lmtp:
            lmtp.sendmail("bob@elsewhere.test", [self.account], self.filled(text).strip("\n").replace("\n", "\r\n"))

    def filled(self, text):
        text = text.replace("{account}", self.account)
        for name, value in self.values.items():
            text = text.replace(name, value)
        return text

    def named(self, kind, value):
        """The name of a value, the same whenever it comes."""
        for name, known in self.values.items():
            if known == value and name.startswith("{" + kind):
                return name
        self.numbers[kind] += 1
        name = f"{{{kind} {self.numbers[kind]}}}"
        self.values[name] = value
        return name

    def mask(self, root):
        for element in root.iter():
            text = element.text or ""
            if element.tag in KEYS and text not in ("", "0"):
                element.text = self.named(KEYS[element.tag], text)
            elif element.tag in VOLATILE and text:
                if VOLATILE[element.tag] == "conversation":
                    element.text = self.named("conversation", text)
                else:
                    element.text = f"{{{VOLATILE[element.tag]}}}"
            else:
                element.text = self.masked(text)
        return root

    def masked(self, text):
        return TRACE.sub(r"\1: {volatile}\n", text.replace(self.account, "{account}"))

    def ask(self, request):
        command = request.get("command", self.command)
        device = request.get("device", "conversation1")
        query = f"Cmd={command}&User={self.account}&DeviceId={device}&DeviceType=roost" + request.get("query", "")
        headers = {"MS-ASProtocolVersion": self.version,
                   "Authorization": "Basic " + base64.b64encode(f"{self.account}:{self.secret}".encode()).decode()}
        body = b""
        if len(request):
            root = request[0]
            for element in root.iter():
                element.text = self.filled(element.text or "")
            body = eas_wbxml.encode(root)
            headers["Content-Type"] = "application/vnd.ms-sync.wbxml"
        elif (request.text or "").strip():
            body = self.filled(request.text).strip("\n").replace("\n", "\r\n").encode()
            headers["Content-Type"] = "message/rfc822"
        method = request.get("method", "POST")
        connection = http.client.HTTPConnection(HTTP_HOST, self.port)
        connection.request(method, "/Microsoft-Server-ActiveSync?" + query if method == "POST"
                           else "/Microsoft-Server-ActiveSync", body, headers)
        answer = connection.getresponse()
        octets = answer.read()
        connection.close()
        return command, answer, octets

    def answer_text(self, command, answer, octets, indent):
        head = f'{indent}<answer status="{answer.status}"'
        told = []
        if self.command == "Options":  # the commands are told as well; they are a table of roost's own tests
            told = [f'{indent}  <header name="{name}">{answer.headers[name]}</header>'
                    for name in ["MS-ASProtocolVersions"]]
        if answer.headers.get("Content-Type") == "application/vnd.ms-sync.wbxml":
            root = eas_wbxml.decode(octets)
            self.documents.append((command, eas_wbxml.to_text(root)))
            told.append(eas_wbxml.to_text(self.mask(root), indent + "  "))
        elif octets:
            text = self.masked(octets.decode()).replace("&", "&amp;").replace("<", "&lt;").replace("\r\n", "\n")
            return f"{head}>{text}</answer>"
        return "\n".join([head + ">", *told, indent + "</answer>"]) if told else head + "/>"

    def hold(self):
        """The whole file as it would be written now."""
        out = [f'<conversation command="{self.command}" version="{self.version}">']
        last = None
        for part in self.root:
            if part.tag is ElementTree.Comment:
                out.append(f"  <!--{part.text}-->")
            elif part.tag == "mail":
                out.append(f"  <mail>{escape(part.text)}</mail>")
                self.deliver(part.text)
            elif part.tag == "request":
                out.append(request_text(part))
                last = self.ask(part)
                out.append(self.answer_text(*last, "  "))
        return "\n".join(out + ["</conversation>", ""])


def escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def request_text(request):
    more = "".join(f' {key}="{escape(value)}"' for key, value in request.attrib.items())
    if len(request):
        return f"  <request{more}>\n" + eas_wbxml.to_text(request[0], "    ") + "\n  </request>"
    if (request.text or "").strip():
        return f"  <request{more}>{escape(request.text)}</request>"
    return f"  <request{more}/>"


def account_of(path):
    return f"ann@{path.stem.lower()}.v{path.parent.name.replace('.', '-')}.test"


def make_account(path):
    """Its password: one for programs, which costs no key derivation when it is made nor when it is first used."""
    ctl("account", "add", account_of(path), "--no-password")
    return ctl("account", "app-password", "add", account_of(path), "conversation").decode().strip()


def validate(documents):
    """Those that the schemas do not allow, where there are schemas."""
    spec = pathlib.Path(os.environ.get("ROOST_SHARED_DIR", "/nowhere")) / "spec/activesync"
    if not (spec / "mend-xsd").exists():
        print("skip conversations-schemas no ROOST_SHARED_DIR with them", flush=True)
        return
    pathlib.Path("schemas").mkdir()
    subprocess.run([sys.executable, spec / "mend-xsd", "schemas"], check=True)
    pathlib.Path("answers").mkdir()
    files = collections.defaultdict(list)
    for n, (command, text, version) in enumerate(documents):
        if (command, version) == ("Provision", "2.5"):  # its policy is a text, which the schema of later versions has not
            continue
        if command == "Sync" and float(version) < 14:  # MS-ASCMD_R1327, which the schema of later versions has not
            text = re.sub(r"(?m)^ *<Class>[A-Za-z]*</Class>\n", "", text)
        if command == "Sync":  # MS-ASCMD_R941, which the schema of Add has not
            text = re.sub(r"(<Add>\s*)<Class>SMS</Class>\s*", r"\1", text)
        path = pathlib.Path("answers") / f"{command}-{n}.xml"
        path.write_text(text)
        files[command].append(str(path))
    bad = ""
    for command, paths in files.items():
        done = subprocess.run(["xmllint", "--noout", "--schema", f"schemas/{command}Response.xsd", *paths],
                              stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode:
            bad += "".join(line + "\n" for line in done.stderr.splitlines() if not line.endswith("validates"))
    print(bad, file=sys.stderr)
    check("every answer of the conversations is what the schema of its command allows", not bad)


def judge(talk, now, record):
    if record:
        talk.path.write_text(now)
        return
    same = now == talk.path.read_text()
    if not same:
        pathlib.Path("now.xml").write_text(now)
        subprocess.run(["diff", "-u", talk.path, "now.xml"], stdout=sys.stderr, check=False)
    check(f"{talk.command} in {talk.version} goes as it was recorded", same)


def main():
    record = "--record" in sys.argv
    paths = sorted(FOLDER.glob("*/*.xml"))
    server = Server()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() + 1) as pool:
        secrets = list(pool.map(make_account, paths))
        server.start()
        try:
            talks = [Talk(path, secret, server.http, server.lmtp_socket) for path, secret in zip(paths, secrets)]
            documents = []
            for talk, now in zip(talks, pool.map(Talk.hold, talks)):
                documents += [(*document, talk.version) for document in talk.documents]
                judge(talk, now, record)
        finally:
            server.stop()
    validate(documents)


main()
