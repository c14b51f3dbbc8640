#!/usr/bin/env python3
"""Random lives of three roost-phones on one mailbox, in short; the long form is tests/phones/run."""
import os
import subprocess
import sys

LIVES = 6
AT_ONCE = 2  # each with a server of its own
SEED = 1


def begin(first):
    words = [f"{os.environ['ROOST_SOURCE']}/tests/phones/run", "--bin", os.environ["ROOST_BIN"], "--lives", str(LIVES // AT_ONCE),
             "--first", str(first)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True)


runs = [begin(first) for first in range(SEED, SEED + LIVES, LIVES // AT_ONCE)]
for run in runs:
    print(run.communicate()[0], file=sys.stderr)
print(f"{'not ok' if any(run.returncode for run in runs) else 'ok'} three phones of different versions hold what the store "
      f"holds after {LIVES} random lives")
