"""How many cores this process may use: those it may run on, and no more than its control group gives it time for."""

from __future__ import annotations

import os
from pathlib import Path

QUOTAS = (  # of version 2 in one file, of version 1 in two: microseconds of a core in a period of so many
    ("cpu.max",),
    ("cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"),
)
MOST_THREADS = 4  # that these networks gain by
ROOT = Path("/sys/fs/cgroup")


def cores(root: Path = ROOT) -> int:
    """At least one. A pod of two on a machine of 192 has two."""
    seen = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([seen, *_quotas(root)]))


def sweep_threads() -> int:
    """Of a sweep's networks, where nothing else is said: EDLM_THREADS, or the cores there are. The same at every start,
    since texts of another number of threads are others."""
    asked = os.environ.get("EDLM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) > 0 else min(cores(), MOST_THREADS)


def _quotas(root: Path) -> list[int]:
    found: list[int] = []
    for files in QUOTAS:
        try:
            quota, period = " ".join((root / name).read_text().strip() for name in files).split()
        except (OSError, ValueError):
            continue
        if quota.isdecimal() and period.isdecimal() and int(period) > 0:  # "max" and -1 are none
            found.append(-(-int(quota) // int(period)))
    return found
