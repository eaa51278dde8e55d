"""Processes of long tasks that die without a word."""

import psutil
from sqlalchemy import update

from edlm_core.work import schema
from edlm_core.work.ledger import SILENT_SECONDS


def kill_process(id):
    """The task's, found by its command line, unless it has ended already."""
    for process in psutil.process_iter(["cmdline"]):
        if id in (process.info["cmdline"] or []):
            process.kill()
            process.wait(60)


def kill(store, id):
    """And let the time go by after which its silence is taken for death: for the store it was last heard of so long
    ago."""
    kill_process(id)
    tasks = schema.tasks.c
    with store.writing() as connection:
        mine = update(schema.tasks).where(tasks.id == id)
        connection.execute(mine.values(heartbeat=tasks.heartbeat - SILENT_SECONDS))
