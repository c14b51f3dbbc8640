#!/usr/bin/env python3
"""Thunderbird, headless: an account is set up, synchronised, read, flagged, filed and sent from, all by TLS; then its log."""
import os
import pathlib
import re
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import ANN, BOB, CA, IMAP, IMAPS, SMTPS, Desk, await_subjects, deliver, messages, until
from imap_raw import Imap
from roostd import Phone, add_account, check
from marionette import Thunderbird

MAILS = [b"From: Joe <joe@far.test>\r\nTo: ann@example.test\r\nSubject: =?utf-8?q?n=C3=BAmero_%d?=\r\n"
         b"Message-ID: <%d@far.test>\r\nDate: Thu, 1 Jan 2026 0%d:00:00 +0000\r\n\r\nText of %d\r\n" % (i, i, i, i)
         for i in range(1, 6)]


def prefs(server):
    def of(prefix, **values):
        return {f"{prefix}.{key}": value for key, value in values.items()}
    return {
        "mail.accountmanager.accounts": "account1", "mail.accountmanager.defaultaccount": "account1",
        **of("mail.account.account1", identities="id1", server="server1"),
        **of("mail.identity.id1", useremail=ANN, fullName="Ann", valid=True, smtpServer="smtp1"),
        **of("mail.server.server1", type="imap", hostname=IMAPS, port=server.ports[IMAPS], userName=ANN, name="t", socketType=3,
             authMethod=3, login_at_startup=False, check_new_mail=False, offline_download=False),
        "mail.smtpservers": "smtp1", "mail.smtp.defaultserver": "smtp1",
        **of("mail.smtpserver.smtp1", type="smtp", hostname=SMTPS, port=server.ports[SMTPS], username=ANN, authMethod=3,
             try_ssl=3),
    }


TOOLS = """
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const server = MailServices.accounts.accounts[0].incomingServer;
const folder = name => server.rootFolder.descendants.find(f => f.name == name);
const inbox = () => server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
const update = f => new Promise((yes, no) => f.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(null, {
  OnStartRunningUrl() {}, OnStopRunningUrl(u, c) { c ? no("updating: " + c) : yes(); }}));
const subject = (f, s) => [...f.messages].find(h => h.mime2DecodedSubject == s);
const until = async t => { while (!t()) await new Promise(r => setTimeout(r, 50)); };
"""

SET_UP = TOOLS + """
const [user, password, imap, smtp, ca] = args;
Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(ca, "CT,C,C");
for (const origin of ["imap://" + imap, "smtp://" + smtp]) {
  const login = Cc["@mozilla.org/login-manager/loginInfo;1"].createInstance(Ci.nsILoginInfo);
  login.init(origin, null, origin, user, password, "", "");
  await Services.logins.addLoginAsync(login);
}
server.password = password;
server.performExpand(null);
await until(inbox);
await until(() => folder("Sent Items"));
return server.rootFolder.descendants.map(f => f.name);
"""

SYNC = TOOLS + """
await update(inbox());
return [...inbox().messages].map(h => [h.mime2DecodedSubject, h.mime2DecodedAuthor, h.isRead]);
"""

READ = TOOLS + """
const {MsgHdrToMimeMessage} = ChromeUtils.importESModule("resource:///modules/gloda/MimeMessage.sys.mjs");
const header = subject(inbox(), args[0]);
return await new Promise(yes => MsgHdrToMimeMessage(header, null, (h, mime) => yes(mime.coerceBodyToPlaintext(inbox())), true));
"""

MARK = TOOLS + """
inbox().markMessagesRead([subject(inbox(), args[0])], true);
inbox().markMessagesFlagged([subject(inbox(), args[1])], true);
inbox().addKeywordsToMessages([subject(inbox(), args[1])], "$label1");
await update(inbox());
"""

FILE = TOOLS + """
const copy = (hdr, to, move) => new Promise((yes, no) => MailServices.copy.copyMessages(inbox(), [hdr], to, move, {
  onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() {},
  onStopCopy(c) { c ? no("copying: " + c) : yes(); }}, null, false));
server.rootFolder.createSubfolder("Filed", null);
await until(() => folder("Filed"));
await copy(subject(inbox(), args[0]), folder("Filed"), true);
await copy(subject(inbox(), args[1]), folder("Filed"), false);
await until(() => [...folder("Filed").messages].length == 2);
"""

SEND = TOOLS + """
const [to, file] = args;
const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
const identity = MailServices.accounts.accounts[0].defaultIdentity;
fields.from = identity.email;
fields.to = to;
identity.fccFolderURI = folder("Sent Items").URI;
fields.fcc = identity.fccFolderURI;
const path = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
path.initWithPath(file);
const send = Cc["@mozilla.org/messengercompose/send;1"].createInstance(Ci.nsIMsgSend);
await new Promise((yes, no) => {
  const ends = c => c ? no("sending: " + c) : yes();
  send.sendMessageFile(identity, "account1", fields, path, false, false, Ci.nsIMsgSend.nsMsgDeliverNow, null, {
    QueryInterface: ChromeUtils.generateQI(["nsIMsgSendListener", "nsIMsgCopyServiceListener"]),
    onStartSending() {}, onProgress() {}, onSendProgress() {}, onStatus() {}, onGetDraftFolderURI() {}, onSendNotPerformed() {},
    onTransportSecurityError(id, status) { no("TLS: " + status); },
    onStopSending(id, status) { if (status) ends(status); },
    onStartCopy() {}, setMessageKey() {}, getMessageId() { return null; }, onStopCopy: ends}, null, "");
});
"""

DELETE = TOOLS + """
await new Promise((yes, no) => inbox().deleteMessages([subject(inbox(), args[0])], null, false, false, {
  onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() {},
  onStopCopy(c) { c ? no("deleting: " + c) : yes(); }}, false));
await until(() => !subject(inbox(), args[0]));
return [...inbox().messages].map(h => h.mime2DecodedSubject);
"""

HEAR = TOOLS + """
await until(() => subject(inbox(), args[0]));
await until(() => subject(inbox(), args[1]).isRead);
"""


def there(folder="Inbox"):
    return {m["subject"]: m["flags"] for m in messages(ANN, "--folder", folder)}


def steps(server, bird):
    ca = "".join(line for line in pathlib.Path(CA).read_text().splitlines() if "-----" not in line)
    folders = bird.do(SET_UP, ANN, "secret", IMAPS, SMTPS, ca)
    check("the account's mailboxes are found", {"INBOX", "Drafts", "Sent Items"} <= {*folders})
    got = bird.do(SYNC)
    check("mails are synchronised", sorted(got) == [[f"n\u00famero {i}", "Joe <joe@far.test>", False] for i in range(1, 6)])
    check("a mail is read", bird.do(READ, "n\u00famero 3").strip() == "Text of 3")
    bird.do(MARK, "n\u00famero 1", "n\u00famero 2")
    check("flags are set", until(lambda: "seen" in there()["n\u00famero 1"] and "flagged" in there()["n\u00famero 2"]))
    bird.do(FILE, "n\u00famero 4", "n\u00famero 1")
    check("mails are filed, moved and copied", until(lambda: there("Filed").keys() == {"n\u00famero 4", "n\u00famero 1"}
                                                     and "n\u00famero 4" not in there()))
    check("a mail is deleted", "n\u00famero 5" not in bird.do(DELETE, "n\u00famero 5"))
    check("and lies in Deleted Items", until(lambda: "n\u00famero 5" not in there() and "n\u00famero 5" in there("Deleted Items")))
    pathlib.Path("out.eml").write_bytes(f"From: {ANN}\r\nTo: {BOB}\r\nSubject: by Thunderbird\r\n\r\nHello\r\n".encode())
    bird.do(SEND, BOB, str(pathlib.Path("out.eml").absolute()))
    check("a mail is sent", await_subjects(BOB, "by Thunderbird"))
    check("its copy is in Sent Items", until(lambda: "by Thunderbird" in there("Sent Items")))
    phone = Phone(server, ANN, "phone")
    phone.begin()
    check("a phone has all of it", len(phone.mails()) == len(there()))
    deliver(server, [MAILS[0].replace(b"mero_1", b"mero_6")])
    read_elsewhere("n\u00famero 2", server)
    bird.do(HEAR, "n\u00famero 6", "n\u00famero 2")
    check("a new mail and a change of another's are shown without asking (IDLE)", True)
    said = bird.log.read_text(errors="replace")
    refused = re.findall(r"CreateNewLineFromSocket: (\d+ (?:BAD|NO) .*)", said)
    sys.stderr.write("\n".join(refused) + "\n")
    check("no command of it was refused", not refused and "COMPRESS DEFLATE" in said.upper())


def read_elsewhere(subject, server):
    client = Imap(IMAP, server.ports[IMAP])
    client.say("STARTTLS")
    client.starttls()
    client.login(ANN, "secret")
    client.say("SELECT INBOX")
    uid = next(m["uid"] for m in messages(ANN) if m["subject"] == subject)
    client.say(f"UID STORE {uid} +FLAGS (\\Seen)")


def main():
    server = Desk()
    add_account(ANN)
    add_account(BOB)
    server.start()
    deliver(server, MAILS)
    bird = Thunderbird("profile", prefs(server))
    try:
        steps(server, bird)
    finally:
        bird.stop()
    check("the server ends in order", server.stop() == 0)


main()
