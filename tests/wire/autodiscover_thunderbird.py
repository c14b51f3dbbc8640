#!/usr/bin/env python3
"""Thunderbird, headless, sets an account up from an address and a password: by autoconfig, and by Autodiscover. It
logs in by what it finds, and sends itself a mail. Its names and ports are the real ones; a SOCKS proxy leads them to where roostd
listens. Its SMTP goes through no proxy (a TCPSocket has none), so there the found name and port are exchanged before it connects."""
import os
import pathlib
import sys

sys.path.append(os.environ["ROOST_SOURCE"] + "/tests/support")
from desk import ANN, CA, HERE, openssl
from marionette import Thunderbird
from roostd import HTTP_HOST, LMTP_HOST, Server, add_account, check
from socks import Socks

DOMAIN, MAIL = "example.test", "mail.example.test"
HTTPS, REDIRECT, IMAPS, SUBMISSION = (f"127.0.0.{n}" for n in (4, 5, 6, 7))
TLS, STARTTLS, CLEARTEXT_PASSWORD = 3, 2, 3  # nsMsgSocketType.SSL, .alwaysSTARTTLS; nsMsgAuthMethod.passwordCleartext

TRUST = """
Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(args[0], "CT,C,C");
"""

# What the dialogue of a new account does: finds, puts the user's address in for its placeholder, tries to log in.
SET_UP = """
const of = m => ChromeUtils.importESModule("resource:///modules/accountcreation/" + m + ".sys.mjs");
const [how, domain, address, password] = args;
const signal = new AbortController().signal;
const refuse = host => Promise.reject(new Error("asks the user whether " + host + " may have the password"));
const found = how == "autoconfig" ? await of("FetchConfig").FetchConfig.fromISP(domain, address, signal)
  : await of("ExchangeAutoDiscover").fetchConfigFromExchange(domain, address, signal, null, password, refuse);
const server = s => [s.type, s.hostname, s.port, s.socketType, s.auth, s.username];
const said = {source: found.subSource, others: found.incomingAlternatives.map(s => s.type)};
of("AccountConfig").AccountConfig.replaceVariables(found, "Ann", address, password);
said.incoming = server(found.incoming);
said.outgoing = server(found.outgoing);
await new (of("ConfigVerifier").ConfigVerifier)(null, signal).verifyConfig(found);
return said;
"""

SEND = """
const {SmtpClient} = ChromeUtils.importESModule("resource:///modules/SmtpClient.sys.mjs");
const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const [[, , , socketType, auth, username], [host, port], password, address] = args;
const server = MailServices.outgoingServer.createServer("smtp");
const smtp = server.QueryInterface(Ci.nsISmtpServer);
[smtp.hostname, smtp.port] = [host, port];
[server.socketType, server.authMethod, server.username, server.password] = [socketType, auth, username, password];
const client = new SmtpClient(server.wrappedJSObject || server);
const ends = await new Promise((resolve, reject) => {
  const said = [];
  client.onerror = (status, text) => reject(new Error("SMTP: " + status + " " + text));
  client.onidle = () => {
    if (said.push("logged in") == 1) {
      client.useEnvelope({from: address, to: [address], size: 100, messageId: "<found@example.test>"});
    }
  };
  client.onready = () => {
    client.send("Subject: found\\r\\nMessage-ID: <found@example.test>\\r\\n\\r\\nby what was found\\r\\n");
    client.end();
  };
  client.ondone = () => resolve([...said, "sent"]);
  client.connect();
});
client.close(true);
return ends;
"""


def make_certificate():
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    names = ",".join([f"IP:{SUBMISSION}"] + [f"DNS:{n}" for n in (MAIL, f"autoconfig.{DOMAIN}", f"autodiscover.{DOMAIN}")])
    openssl("req", "-x509", *key, "-days", "2", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", CA)
    openssl("req", *key, "-subj", f"/CN={MAIL}", "-keyout", "key.pem", "-out", "server.csr")
    pathlib.Path("server.ext").write_text(f"subjectAltName={names}\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "server.ext", "-out", "server.pem")


class Provider(Server):
    """All that it offers is at the usual ports of one name; its submission has STARTTLS alone."""

    def __init__(self):
        make_certificate()
        super().__init__()
        pathlib.Path("roost.conf").write_text(f"""
[server]
hostname = {MAIL}
state_dir = {HERE}/state
[tls]
certificate = {HERE}/server.pem
key = {HERE}/key.pem
[http]
listen = {HTTPS}:0
listen_plain = {HTTP_HOST}:0
listen_redirect = {REDIRECT}:0
[lmtp]
listen = {LMTP_HOST}:0
[imap]
listen_tls = {IMAPS}:0
[submission]
listen = {SUBMISSION}:0
[autodiscover]
url = https://{MAIL}
imap = {MAIL}:993
imap_starttls = off
pop3 = off
pop3_starttls = off
submission = off
submission_starttls = {MAIL}:587
""")

    def ways(self):
        at = {host: (host, port) for host, port in self.listening().items()}
        return {(f"autoconfig.{DOMAIN}", 443): at[HTTPS], (f"autodiscover.{DOMAIN}", 443): at[HTTPS],
                (f"autoconfig.{DOMAIN}", 80): at[REDIRECT], (f"autodiscover.{DOMAIN}", 80): at[REDIRECT],
                (MAIL, 443): at[HTTPS], (MAIL, 993): at[IMAPS], (MAIL, 587): at[SUBMISSION]}


def prefs(socks):
    return {"network.proxy.type": 1, "network.proxy.socks": "127.0.0.1", "network.proxy.socks_port": socks.port,
            "network.proxy.socks_version": 5, "network.proxy.socks_remote_dns": True, "network.proxy.failover_direct": False,
            "mail.accountmanager.accounts": ""}


def steps(bird, socks):
    bird.do(TRUST, "".join(line for line in pathlib.Path(CA).read_text().splitlines() if "-----" not in line))
    imap, smtp = [MAIL, 993, TLS, CLEARTEXT_PASSWORD, ANN], [MAIL, 587, STARTTLS, CLEARTEXT_PASSWORD, ANN]
    for how, source in ("autoconfig", "xml-from-isp-https"), ("Autodiscover", "exchange-from-url1"):
        socks.asked.clear()
        found = bird.do(SET_UP, how, DOMAIN, ANN, "secret")
        sys.stderr.write(f"{how}: {found}\n")
        check(f"Thunderbird finds IMAP by {how}", found["incoming"] == ["imap", *imap] and found["source"] == source)
        check(f"and logs in there, as {how} says", (MAIL, 993) in socks.asked)  # where it may not, it was an error above
        check(f"it finds submission with STARTTLS by {how}", found["outgoing"] == ["smtp", *smtp])
        sent = bird.do(SEND, found["outgoing"], socks.ways[(MAIL, 587)], "secret", ANN)
        sys.stderr.write(f"{how}: {sent}\n")
        check(f"it logs in to submission and sends by what {how} says", sent == ["logged in", "sent"])
        check(f"it is offered nothing of Exchange's by {how}", not {"exchange", "ews"} & {*found["others"]})


def main():
    server = Provider()
    add_account(ANN)
    server.start()
    socks = Socks(server.ways())
    bird = Thunderbird("profile", prefs(socks))
    try:
        steps(bird, socks)
    finally:
        bird.stop()
    check("the server ends in order", server.stop() == 0)


main()
