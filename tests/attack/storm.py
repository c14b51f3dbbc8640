#!/usr/bin/env python3
"""
storm.py BIN [--seconds N] [--seed N] [--kills]: one account's phones send everything at once over several connections, in all
versions, say again what they said before in any order, hang up where it suits them, while mail comes in by LMTP and an
administrator edits, removes devices, closes the account and removes others; with --kills roostd is killed again and again. Then
roostd ends with what it holds, comes again, and a clean phone has what the store has.
"""
import argparse
import random
import signal
import socket
import sys
import threading
import time

import lab
from lab import AIRSYNC, Closed, request

ANN, BOB = "ann@example.test", "bob@example.test"
MAILS = sorted(lab.SAMPLES.glob("*.eml"))
DEVICES = ["STORM1", "STORM2"]
VERSIONS = "2.5", "12.0", "12.1", "14.0", "14.1", "16.0", "16.1"
REPLAYS = 200  # requests that are remembered to be said again


class Storm:
    def __init__(self, server, args):
        self.server, self.until = server, time.monotonic() + args.seconds
        self.counts, self.lock, self.wrong = {}, threading.Lock(), []
        self.keys = {}  # (user, device, folder) to keys seen; "h" for the hierarchy
        self.said = []  # (octets, user, device, what about)
        self.kills = args.kills
        self.answered = threading.Semaphore(0)

    def blows(self):
        return time.monotonic() < self.until and (self.kills or self.server.alive())

    def remember(self, rnd, request):
        """The request, or one that was made before."""
        self.said.append(request)
        if len(self.said) > REPLAYS:
            del self.said[0]
        return rnd.choice(self.said) if rnd.randrange(5) == 0 else request

    def count(self, what):
        with self.lock:
            self.counts[what] = self.counts.get(what, 0) + 1

    def note_key(self, where, key):
        if key:
            self.keys.setdefault(where, ["0"]).append(key)

    def key(self, rnd, where):
        keys = self.keys.get(where, ["0"])
        return rnd.choice((keys[-1], keys[-1], keys[-1], keys[max(0, len(keys) - 2)], "0"))


def a_request(storm, rnd, user, device):
    folder = rnd.choice((1, 1, 1, 3, 4, 7, 8))
    key = storm.key(rnd, (user, device, folder))
    commands = []
    if key != "0" and rnd.randrange(3) == 0:
        item = f"{folder}:{rnd.randrange(1, 400)}"
        commands = [rnd.choice((lab.change_read(item, rnd.randrange(2)), lab.change_flag(item, 2), lab.delete(item),
                                lab.fetch(item)))]
    kind = rnd.randrange(12)
    if kind < 4:
        held = rnd.choice((None, None, 60, 120))
        options = lab.body_options(rnd.choice((1, 2, 4)), rnd.choice((None, 0, 1, 2, 5)), rnd.choice((None, 0, 100)))
        mode = rnd.choice((None, None, "0", "1", "1"))
        window = rnd.choice((None, 1, 10, 512, 65535, 4294967295))
        collections = [lab.collection(folder, key, options, commands, window, mode=mode)]
        if rnd.randrange(4) == 0:
            other = rnd.choice([f for f in (1, 3, 4) if f != folder])
            collections.append(lab.collection(other, storm.key(rnd, (user, device, other)), mode=mode))
        return "Sync", lab.sync(collections, held) if rnd.randrange(8) else b"", folder
    if kind < 6:
        return "Ping", lab.ping(rnd.sample((1, 2, 3, 4, 5, 7, 8), 3), rnd.choice((60, 61, 600))), None
    if kind == 6:
        return "FolderSync", lab.folder_sync(storm.key(rnd, (user, device, "h"))), "h"
    if kind < 9:
        items = [f"{folder}:{rnd.randrange(1, 400)}" for _ in range(rnd.choice((1, 3, 40)))]
        return "MoveItems", lab.move(items, folder, rnd.choice((1, 3, 4, folder, 999))), None
    if kind < 11:
        return "GetItemEstimate", lab.estimate(folder, key, rnd.choice((None, "0", "1"))), None
    return "Provision", lab.provision(), None


def learn(storm, where, answer):
    if answer.status == 200 and answer.body and where[2] is not None:
        tree = answer.tree()
        page, token = (lab.FOLDERS, 0x12) if where[2] == "h" else (AIRSYNC, 0x0B)
        storm.note_key(where, lab.text_of(tree, page, token))


def phone(storm, seed):
    rnd = random.Random(seed)
    while storm.blows():
        user, device = rnd.choice((ANN, ANN, BOB)), rnd.choice(DEVICES)
        try:
            with storm.server.connect(timeout=rnd.choice((0.2, 1, 3))) as c:
                for _ in range(rnd.choice((1, 1, 5))):
                    command, body, about = a_request(storm, rnd, user, device)
                    octets = request(command, body, device=device, version=rnd.choice(VERSIONS), user=user)
                    octets, user, device, about = storm.remember(rnd, (octets, user, device, about))
                    cut = rnd.randrange(10)
                    if cut == 0:
                        c.send(octets[:rnd.randrange(len(octets))])
                        break
                    c.send(octets)
                    if cut == 1:
                        break
                    answer = c.answer()
                    storm.answered.release()
                    storm.count(f"{command} {answer.status}")
                    learn(storm, (user, device, about), answer)
                    if answer.status >= 500 and answer.status != 503 and user == ANN:
                        storm.wrong.append(f"{octets[:120]}: {answer.status}")
        except (Closed, OSError, TimeoutError):
            storm.count("left")


def post(storm, seed):
    rnd, number = random.Random(seed), 0
    while storm.blows():
        try:
            number = post_one(storm, rnd, number)
        except OSError:
            storm.count("mail refused")


def post_one(storm, rnd, number):
    for _ in range(20):
        to = rnd.choice((ANN, ANN, BOB))
        number += 1
        text = f"From: a@b.test\r\nSubject: storm {number}\r\n\r\n".encode() + b"x" * rnd.choice((10, 3000, 300000)) + b"\r\n"
        with socket.socket(socket.AF_UNIX) as s, s.makefile("rb") as lines:
            s.settimeout(30)
            s.connect(str(storm.server.folder / "lmtp"))
            s.sendall(b"LHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<" + to.encode() + b">\r\nDATA\r\n")
            said = b""
            while said[:3] not in (b"354", b"503", b"554", b"421"):
                said = lines.readline()
                if not said:
                    break
            if said[:3] != b"354" or rnd.randrange(6) == 0:
                s.sendall(text[:rnd.randrange(len(text))])
                storm.count("mail left")
                continue
            s.sendall(text + b".\r\n")
            storm.count("mail " + lines.readline()[:3].decode())
    return number


def kill(storm, seed):
    """After so and so many answers, whatever is under way then."""
    rnd = random.Random(seed)
    while storm.blows():
        for _ in range(rnd.randrange(20, 400)):
            if not storm.answered.acquire(timeout=1) and not storm.blows():
                return
        storm.server.stop(signal.SIGKILL)
        storm.server.start()
        storm.count("kill")


def administrate(storm, seed):
    rnd, ctl = random.Random(seed), storm.server.ctl
    password = "--password-file", storm.server.folder / "password"
    acts = [
        lambda: ctl("import", ANN, rnd.choice(MAILS), "--folder", f"F{rnd.randrange(6)}/{rnd.randrange(3)}"),
        lambda: ctl("message", rnd.choice(("read", "unread", "flag", "delete")), ANN, rnd.randrange(1, 300), check=False),
        lambda: ctl("message", "move", ANN, rnd.randrange(1, 300), "--folder", f"F{rnd.randrange(6)}", check=False),
        lambda: ctl("device", "remove", ANN, rnd.choice(DEVICES), check=False),
        lambda: (ctl("account", "disable", ANN), ctl("account", "enable", ANN)),
        lambda: ctl("account", "passwd", ANN, *password),
        lambda: (ctl("account", "remove", BOB, "--yes", check=False), ctl("account", "add", BOB, *password, check=False)),
        lambda: ctl("sweep"),
        lambda: storm.server.process.send_signal(signal.SIGHUP),
    ]
    while storm.blows():
        act = rnd.randrange(len(acts))
        try:
            acts[act]()
        except AssertionError as e:
            storm.wrong.append(str(e))
        storm.count(f"act {act:02}")


def blow(server, args):
    storm = Storm(server, args)
    threads = [threading.Thread(target=phone, args=(storm, args.seed * 100 + i)) for i in range(8)]
    threads += [threading.Thread(target=post, args=(storm, args.seed * 100 + i)) for i in range(2)]
    threads += [threading.Thread(target=administrate, args=(storm, args.seed * 100 + i)) for i in range(2)]
    threads += [threading.Thread(target=kill, args=(storm, args.seed))] if args.kills else []
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for what, n in sorted(storm.counts.items()):
        print(what, n)
    return storm.wrong


def ends_with_holds(server):
    """SIGTERM while Pings and Syncs are held: each is answered or closed, and roostd ends with 0."""
    with server.connect() as a, server.connect() as b:
        a.send(request("Ping", lab.ping([1]), device="LAST1"))
        b.send(request("Ping", lab.ping([1]), device="LAST2"))
        status = server.stop()
    return [f"roostd ended with status {status} while it held"] if status else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("bin")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", action="store_true", help="roostd is killed every few seconds")
    args = parser.parse_args()
    server = lab.Server(args.bin)
    for name in ("ann", "bob"):
        server.account(name)
    server.ctl("import", ANN, lab.SAMPLES)
    server.start()
    wrong = []
    try:
        wrong = blow(server, args)
        wrong += ends_with_holds(server)
        server.start()
        for user in (ANN, BOB):
            if said := server.converges(user=user, store="CLEAN" + user[:3].upper()):
                wrong.append(said)
    except (AssertionError, OSError, Closed) as e:
        wrong.append(repr(e))
    ended = server.end()
    print(*wrong[:20], *ended, sep="\n")
    return 1 if wrong or ended else 0


sys.exit(main())
