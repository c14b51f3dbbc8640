#!/usr/bin/env python3
"""Kills at fault points and at random moments, in short; the long form is tests/crash/run."""
import os
import subprocess
import sys

KILLS = 18
SEED = 1

source, programs = os.environ["ROOST_SOURCE"], os.environ["ROOST_BIN"]
done = subprocess.run([f"{source}/tests/crash/run", "--bin", programs, "--kills", str(KILLS), "--seed", str(SEED)],
                      stdout=subprocess.PIPE, text=True, check=False)
print(done.stdout, file=sys.stderr)
if "is built without fault points" in done.stdout:
    print("skip kills roostd has no fault points in this build")
else:
    print(f"{'ok' if done.returncode == 0 else 'not ok'} after {KILLS} kills what was acknowledged is there, once, and "
          "phones go on")
