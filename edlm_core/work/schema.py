"""The store's tables, and their version. One wide typed row a trial: a text written and measured."""

from __future__ import annotations

from types import NoneType
from typing import Any, get_args, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from ..measure.trial_row import TrialRow

VERSION = 1  # goes up with every change below
metadata = MetaData()

schema = Table("schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

# What was asked for. Times are seconds since 1970.
tasks = Table(
    "tasks",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("task", Text, nullable=False),  # its JSON
    Column("stage", String(16), nullable=False),
    Column("owner", String(32), nullable=False),  # the process that does it; another start, another owner
    Column("created", Float, nullable=False),
    Column("heartbeat", Float, nullable=False),
    Column("share", Float, nullable=False, default=0.0),
    Column("doing", Text),  # JSON
    Column("error", Text),  # JSON of a refusal
    Column("stop", Boolean, nullable=False, default=False),  # somebody has stopped it, others may still look
    Index("tasks_by_stage", "stage", "created"),
)
# What has come out of it so far; by itself, so that a list of tasks never reads it.
results = Table(
    "results",
    metadata,
    Column("task", String(64), ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("run", String(64)),  # a run lies in a file of its own
    Column("result", LargeBinary),  # JSON of anything else
)
watchers = Table(
    "watchers",
    metadata,
    Column("task", String(64), ForeignKey("tasks.id", ondelete="CASCADE"), primary_key=True),
    Column("who", String(64), primary_key=True),
    Column("seen", Float, nullable=False),  # when they looked last
)
# Runs whose files lie in the folder beside.
runs = Table(
    "runs",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("model", String(200), nullable=False),
    Column("weights", String(64), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created", Float, nullable=False),
    Index("runs_by_time", "created"),
)

_TYPES: dict[Any, type] = {int: BigInteger, float: Float, bool: Boolean, str: Text}
FILTERED = ("model", "fingerprint", "sampler", "energy", "num_steps", "num_candidates")


def _columns() -> list[Column[Any]]:
    """A column for each field of TrialRow, of its type; it may be empty where the field may be None."""
    columns: list[Column[Any]] = []
    for name, hint in get_type_hints(TrialRow).items():
        kinds = [kind for kind in get_args(hint) or (hint,) if kind is not NoneType]
        columns.append(Column(name, _TYPES[kinds[0]], nullable=NoneType in get_args(hint)))
    return columns


trials = Table(
    "trials",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("created", Float, nullable=False),
    Column("task", String(64)),  # what it was made for
    Column("run", String(64)),  # the hash of its run file, where one is kept
    *_columns(),
    Index("trials_by_task", "task"),
    # Both hold all that a list is filtered and ordered by, so that only the rows that are shown are read.
    Index("trials_by_setting", *FILTERED, "created", "id"),
    Index("trials_by_time", "created", "id", *FILTERED),
)
