"""strace: the order in which a program's system calls began and ended, and system calls that are made to fail."""
import re
import signal
import subprocess

WHOLE = re.compile(r"^\d+ +(\w+)\((.*)\) += (\S+)")
BEGUN = re.compile(r"^(\d+) +(\w+)\((.*) <unfinished \.\.\.>$")
ENDED = re.compile(r"^(\d+) +<\.\.\. (\w+) resumed>(.*)\) += (\S+)")
OPTIONS = ["strace", "-f", "-y", "-s", "40"]


class Call:
    """One call that succeeded; begun and ended are lines of the trace. Arguments have descriptors with their paths."""

    def __init__(self, name, arguments, begun, ended):
        self.name, self.arguments, self.begun, self.ended = name, arguments, begun, ended


def parse(lines):
    calls, open_calls = [], {}
    for at, line in enumerate(lines):
        if m := BEGUN.match(line):
            open_calls[m[1]] = (m[2], m[3], at)
        elif m := ENDED.match(line):
            name, arguments, begun = open_calls.pop(m[1], (m[2], "", at))
            if not m[4].startswith("-"):
                calls.append(Call(name, arguments + m[3], begun, at))
        elif (m := WHOLE.match(line)) and not m[3].startswith("-"):
            calls.append(Call(m[1], m[2], at, at))
        elif "exit_group(0)" in line:
            calls.append(Call("exit_group", "0", at, at))
    return calls


class Attached:
    """with Attached(pid, file, words): strace is at the process, with these options."""

    def __init__(self, pid, file, *words):
        self.command = [*OPTIONS, *words, "-o", str(file), "-p", str(pid)]

    def __enter__(self):
        self.strace = subprocess.Popen(self.command, stderr=subprocess.PIPE, text=True)
        said = self.strace.stderr.readline()
        if "attached" not in said:
            self.strace.wait()
            raise PermissionError(said.strip())
        return self

    def __exit__(self, *unused):
        self.strace.send_signal(signal.SIGINT)
        self.strace.communicate()


def permitted():
    """True where strace is installed and may trace."""
    try:
        return subprocess.run(["strace", "-o", "/dev/null", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    except FileNotFoundError:
        return False
