"""A roostd with its state in a folder: started, killed, started again; and roostctl on the same files."""
import json
import os
import pathlib
import signal
import subprocess
import threading

READY_S = 60
PASSWORD = "secret"


class Failure(Exception):
    """What should hold does not, or a program did not do what it was started for."""


def port_of(pid):
    """The TCP port a process listens at, from the kernel's list."""
    sockets = set()
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            sockets.add(os.readlink(fd))
        except FileNotFoundError:
            continue
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
            return int(fields[1].split(":")[1], 16)
    raise Failure("roostd listens at no TCP port")


class Site:
    """folder is made where it is missing; options are further lines of the configuration, by section."""

    def __init__(self, folder, bin_dir, options=None):
        self.folder, self.bin = pathlib.Path(folder).resolve(), pathlib.Path(bin_dir).resolve()
        self.state = self.folder / "state"
        self.state.mkdir(parents=True, exist_ok=True)
        self.conf, self.password, self.lmtp = self.folder / "roost.conf", self.folder / "password", self.folder / "lmtp"
        self.log = self.folder / "roostd.log"
        self.password.write_text(PASSWORD + "\n")
        sections = {"server": [f"state_dir = {self.state}", "hostname = localhost", "default_domain = example.test"],
                    "http": ["listen_plain = 127.0.0.1:0"],
                    "activesync": ["throttle_commands = 0", "throttle_repeats = 0"], "lmtp": [f"listen = unix:{self.lmtp}"]}
        for name, lines in (options or {}).items():
            sections.setdefault(name, []).extend(lines)
        self.conf.write_text("".join(f"[{name}]\n" + "\n".join(lines) + "\n" for name, lines in sections.items()))
        self.process = self.port = None
        self.up = threading.Event()  # roostd answers, as far as we know

    # roostctl

    def ctl(self, *words, stdin=b"", fault=None):
        """The finished process; its output as bytes."""
        env = dict(os.environ, **({"ROOST_FAULT": fault} if fault else {}))
        return subprocess.run([self.bin / "roostctl", "-c", self.conf, *words], input=stdin, env=env,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)

    def must_ctl(self, *words, stdin=b""):
        done = self.ctl(*words, stdin=stdin)
        if done.returncode:
            raise Failure(f"roostctl {' '.join(words)}: status {done.returncode}: {done.stderr.decode()}")
        return done.stdout

    def add_account(self, address):
        self.must_ctl("account", "add", address, "--password-stdin", stdin=(PASSWORD + "\n").encode())

    def account_id(self, address):
        return next(a["id"] for a in json.loads(self.must_ctl("account", "list", "--json")) if a["address"] == address)

    def folders(self, address):
        return json.loads(self.must_ctl("folder", "list", address, "--json"))

    def messages(self, address, folder):
        return json.loads(self.must_ctl("message", "list", address, "--folder", folder, "--json"))

    # roostd

    def start(self, fault=None, wrap=(), preexec=None):
        """False: it ended before it was ready. wrap: the words of a command that runs it."""
        env = dict(os.environ, **({"ROOST_FAULT": fault} if fault else {}))
        self.process = subprocess.Popen([*wrap, self.bin / "roostd", "-c", self.conf], env=env, preexec_fn=preexec,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        ready, ended = threading.Event(), threading.Event()
        threading.Thread(target=self._read_log, args=(self.process, ready, ended), daemon=True).start()
        if not ready.wait(READY_S):
            raise Failure("roostd does not get ready")
        if ended.is_set():
            self.process.wait()
            return False
        try:
            self.port = port_of(self.process.pid)
        except (Failure, FileNotFoundError, PermissionError):
            if self.process.wait(READY_S) is None:
                raise
            return False
        self.up.set()
        return True

    def _read_log(self, process, ready, ended):
        with open(self.log, "ab") as log:
            for line in process.stderr:
                log.write(line)
                log.flush()
                if b"event=ready" in line:
                    ready.set()
        ended.set()
        ready.set()

    def logged(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def died(self, timeout_s):
        """Its status, where it ends within that time; else None. A negative one is the signal's."""
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    def kill(self):
        self.up.clear()
        self.process.send_signal(signal.SIGKILL)
        return self.process.wait()

    def stop(self):
        """Ends it as an administrator would."""
        self.up.clear()
        self.process.terminate()
        status = self.process.wait(READY_S)
        if status:
            raise Failure(f"roostd ended with status {status}")

    # what a phone asks it with

    def phone_words(self, address, store, version="16.1"):
        return [self.bin / "roost-phone", "--url", f"http://127.0.0.1:{self.port}", "--user", address,
                "--password-file", self.password, "--store", store, "--device-id", pathlib.Path(store).name,
                "--version", version]
