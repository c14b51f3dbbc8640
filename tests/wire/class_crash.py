#!/usr/bin/env python3
"""Kills while phones write events, contacts, tasks, notes and texts, in short; the long form is tests/crash/entries."""
import os
import subprocess
import sys

KILLS = 5
SEED = 1

source, programs = os.environ["ROOST_SOURCE"], os.environ["ROOST_BIN"]
done = subprocess.run([f"{source}/tests/crash/entries", "--bin", programs, "--kills", str(KILLS), "--seed", str(SEED)],
                      stdout=subprocess.PIPE, text=True, check=False)
print(done.stdout, file=sys.stderr)
print(f"{'ok' if done.returncode == 0 else 'not ok'} after {KILLS} kills what phones were granted is there, once, with its "
      "attachments; who is invited was told once, a group's people have its mail once, what was imported is there once")
