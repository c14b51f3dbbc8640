#!/usr/bin/env python3
"""Random lives of three roost-phones on one mailbox, in short; the long form is tests/phones/run."""
import os
import subprocess
import sys

LIVES = 6
SEED = 1

source, programs = os.environ["ROOST_SOURCE"], os.environ["ROOST_BIN"]
done = subprocess.run([f"{source}/tests/phones/run", "--bin", programs, "--lives", str(LIVES), "--first", str(SEED)],
                      stdout=subprocess.PIPE, text=True, check=False)
print(done.stdout, file=sys.stderr)
print(f"{'ok' if done.returncode == 0 else 'not ok'} three phones of different versions hold what the store holds after "
      f"{LIVES} random lives")
