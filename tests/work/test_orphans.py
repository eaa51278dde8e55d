"""A killed test leaves no process behind."""

import os
import signal
import subprocess
import sys
import time

from ..orphans import MARK

STARTS = """
import subprocess, sys, time
from tests.orphans import watch
watch()
sleeper = [sys.executable, "-c", "import time; time.sleep(600)"]
print(subprocess.Popen(sleeper, start_new_session=True).pid, flush=True)
time.sleep(600)
"""


def test_what_a_killed_test_had_started_is_ended():
    import psutil

    environment = {name: value for name, value in os.environ.items() if name != MARK}
    test = subprocess.Popen([sys.executable, "-c", STARTS], stdout=subprocess.PIPE, env=environment, text=True)
    orphan = psutil.Process(int(test.stdout.readline()))
    test.send_signal(signal.SIGKILL)
    test.wait()
    test.stdout.close()
    for _ in range(600):
        if not orphan.is_running() or orphan.status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    raise AssertionError("the orphan lives")
