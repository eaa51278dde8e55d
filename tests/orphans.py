"""What tests start ends with them, in whatever session of processes it runs, and even where they are killed: the work
of `Detached` outlives who started it, which is right in an app and a nuisance after a test."""

import os
import subprocess
import sys
import uuid

MARK = "EDLM_TESTS"  # in the environment of all that these tests start


def watch():
    """Mark what is started from now on. When this process ends, its pipe to the watchdog is closed."""
    os.environ[MARK] = uuid.uuid4().hex
    return subprocess.Popen([sys.executable, __file__, os.environ[MARK]], stdin=subprocess.PIPE, start_new_session=True)


def end_marked(mark):
    import psutil

    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(MARK) == mark:
                process.kill()
        except psutil.Error:  # it has just ended, or is somebody else's
            continue


if __name__ == "__main__":
    sys.stdin.read()
    end_marked(sys.argv[1])
