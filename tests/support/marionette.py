"""Thunderbird without a window, driven by Marionette: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

LIMIT_S = 120  # a guard: what has not happened by then has failed

QUIET = {
    "app.normandy.enabled": False, "app.update.enabled": False, "browser.safebrowsing.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False, "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "extensions.update.enabled": False, "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True, "mail.rights.version": 1, "mail.spotlight.firstRunDone": True,
    "mailnews.start_page.enabled": False, "network.proxy.type": 0, "services.settings.server": "http://127.0.0.1:9/",
    "toolkit.telemetry.enabled": False,
}


class Thunderbird:
    def __init__(self, profile, prefs):
        self.profile, self.n = pathlib.Path(profile).absolute(), 0
        self.profile.mkdir()
        (self.profile / "user.js").write_text("".join(
            f"user_pref({json.dumps(k)}, {json.dumps(v)});\n" for k, v in {**QUIET, **prefs, "marionette.port": 0}.items()))
        self.log = self.profile / "imap.log.moz_log"
        env = dict(os.environ, MOZ_HEADLESS="1", HOME=str(self.profile), MOZ_LOG="IMAP:4,sync", MOZ_LOG_FILE=str(self.profile / "imap.log"),
                   MOZ_DISABLE_AUTO_SAFE_MODE="1")
        self.process = subprocess.Popen(
            ["thunderbird", "--headless", "--marionette", "--remote-allow-system-access", "--no-remote", "--profile",
             str(self.profile)], env=env, stdout=open(self.profile / "out.log", "w"), stderr=subprocess.STDOUT,
            start_new_session=True)
        self.socket = self.connect()
        self.answer()
        self.call("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": False}}})
        self.call("Marionette:SetContext", {"value": "chrome"})

    def connect(self):
        """The port is the kernel's choice; Marionette writes it down."""
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                port = int((self.profile / "MarionetteActivePort").read_text())
                return socket.create_connection(("127.0.0.1", port), timeout=LIMIT_S)
            except (OSError, ValueError):
                self.rest()
        raise RuntimeError("Thunderbird does not start")

    def rest(self):
        """Somebody else's program tells nobody that it has done something: it is asked again soon, unless it has ended."""
        try:
            self.process.wait(0.05)
        except subprocess.TimeoutExpired:
            return
        raise RuntimeError("Thunderbird has ended")

    def answer(self):
        n = b""
        while not n.endswith(b":"):
            n += self.socket.recv(1)
        octets = b""
        while len(octets) < int(n[:-1]):
            octets += self.socket.recv(int(n[:-1]) - len(octets))
        return json.loads(octets)

    def call(self, command, parameters):
        self.n += 1
        said = json.dumps([0, self.n, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(said), said))
        _, _, error, result = self.answer()
        if error:
            raise RuntimeError(f"{command}: {error}")
        return result

    def do(self, script, *arguments):
        """What an async function body gives back, of `args`; its errors are raised here."""
        body = ("const args = arguments[0]; Services.prefs.clearUserPref('test.done');"
                "const done = o => Services.prefs.setStringPref('test.done', JSON.stringify(o));"
                "(async () => {" + script + "})().then(v => done({ok: v === undefined ? null : v}),"
                " e => done({error: String(e) + (e.stack || '')}));")
        self.call("WebDriver:ExecuteScript", {"script": body, "args": [list(arguments)]})
        deadline = time.monotonic() + LIMIT_S
        while time.monotonic() < deadline:
            said = self.call("WebDriver:ExecuteScript", {
                "script": "return Services.prefs.getStringPref('test.done', '')", "args": []})["value"]
            if said:
                said = json.loads(said)
                if "error" in said:
                    raise RuntimeError(said["error"])
                return said["ok"]
            self.rest()
        raise RuntimeError("Thunderbird does not answer")

    def stop(self):
        try:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
