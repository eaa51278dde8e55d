"""The store: what was committed stays, lists use an index, and what it can't do it says."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import asdict, fields

import pytest
from msgspec import structs
from sqlalchemy import event, inspect, update

from edlm_core.measure.paired import mean_interval
from edlm_core.measure.trial_row import TrialRow
from edlm_core.refusals import Refusal
from edlm_core.runs.run_file import load_run, save_run
from edlm_core.work import database, schema
from edlm_core.work.cells import by_seed, figures, kept, paired, summed
from edlm_core.work.detached import ROOT
from edlm_core.work.store import FILTERS, Store, counted, newest

WRITERS, ROWS = 4, 500
SETTING = {
    "energy": "ar",
    "length": 64,
    "num_steps": 16,
    "window_low": 0.0,
    "window_high": 1.0,
    "temperature": 1.0,
    "energy_temperature": 1.0,
    "reveal": "random",
    "adaptive": False,
}
MEASURED = {field.name: None for field in fields(TrialRow)} | {
    "fingerprint": "0123456789ab",
    "device": "cpu",
    "dtype": "float32",
    "threads": 1,
    "batch_size": 8,
    "text": "A cat.",
    "judge_nll_ar": 3.5,
    "entropy": 4.0,
    "repeated_words": 0.0,
    "steps": 16,
    "denoiser_calls": 16.0,
    "energy_calls": 16.0,
    "scored": 128.0,
    "seconds": 1.25,
}


def row(n=0, **values):
    setting = SETTING | {"seed": n, "sampler": "edlm", "model": "tales", "num_candidates": 8, "prompt": None}
    return TrialRow(**MEASURED | setting | values)


def test_a_trial_has_a_typed_column_for_each_of_its_fields():
    """A new field is a new column, and so a new version of the schema."""
    columns = schema.trials.columns
    assert [column.name for column in columns] == ["id", "created", "task", "run", *(f.name for f in fields(TrialRow))]
    assert (len(columns), schema.VERSION) == (39, 2)
    types = {name: columns[name].type.python_type for name in ("seed", "adaptive", "window_low", "reveal")}
    assert types == {"seed": int, "adaptive": bool, "window_low": float, "reveal": str}
    assert [name for name in ("prompt", "judge_nll_ar", "seed") if columns[name].nullable] == ["prompt", "judge_nll_ar"]


def test_trials_come_back_as_they_were_the_newest_first(store):
    rows = [row(2**32 - 1 - n, prompt="Tom “saw” <b>") for n in range(3)]
    store.add_trials(rows, task="t" * 64)
    found = store.trials(limit=2)
    assert [one.seed for one in found] == [2**32 - 3, 2**32 - 2]
    assert found[0]._mapping.items() >= asdict(rows[2]).items()
    assert (found[0].task, found[0].run) == ("t" * 64, None)
    assert store.trials(limit=2, offset=2)[0].seed == 2**32 - 1


def test_trials_are_filtered_and_counted(store):
    store.add_trials([row(n, sampler=("edlm", "mdlm")[n % 2], num_candidates=n % 4 + 1) for n in range(20)])
    assert store.count_trials() == 20
    assert store.count_trials(sampler="mdlm") == 10
    assert {one.num_candidates for one in store.trials(model="tales", sampler="edlm", num_candidates=3)} == {3}
    with pytest.raises(ValueError, match="an index must help"):
        store.trials(prompt="x")


def test_rows_are_all_written_or_none(store):
    with pytest.raises(Exception, match=r"(?i)not.null"):
        store.add_trials([row(), row(sampler=None)])
    assert store.count_trials() == 0


def test_a_text_that_is_measured_twice_is_one_row(store):
    store.add_trials([row(n, cell="a") for n in range(3)])
    store.add_trials([row(n, cell="a", text="another") for n in (2, 3)])
    store.add_trials([row(2, cell="b"), row(2), row(2)])  # what an older release has written has no cell
    assert store.count_trials() == 7
    texts = {one.seed: one.text for one in store.trials(cell="a")}
    assert texts == {0: "A cat.", 1: "A cat.", 2: "A cat.", 3: "another"}


@pytest.mark.parametrize("name", FILTERS)
def test_lists_and_counts_of_many_trials_use_an_index(tmp_path, name):
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    wanted = {name: {"task": "t", **asdict(row(cell="c"))}[name]}
    with store.reading() as connection:
        for query in (newest(wanted, 100, 0), counted(wanted)):
            sql = query.compile(store.engine, compile_kwargs={"literal_binds": True})
            plan = [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
            reads = [step for step in plan if "trials" in step]
            assert reads
            assert all("INDEX trials_by_" in step or "INTEGER PRIMARY KEY" in step for step in reads)
    store.close()


def test_thirty_thousand_texts_are_summed_up_and_paired_without_reading_one(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    places = [(n // 60, n % 60) for n in range(30_000)]
    store.add_trials(
        [
            row(n, cell=f"c{c}", num_steps=c + 1, judge_nll_ar=(60 * n + c) / 3e4, batch=n // 50, seconds=n // 50)
            for n, c in places
        ]
    )
    found = figures(store, sampler="edlm")
    assert [(one.cell, one.texts) for one in found] == [(f"c{n}", 500) for n in range(60)]
    (one,) = figures(store, num_steps=8)
    assert one.measured["judge_nll_ar"] == pytest.approx(mean_interval([(60 * n + 7) / 3e4 for n in range(500)]))
    assert one.measured["seconds"] == pytest.approx(mean_interval(range(10)))  # of ten batches, not of 500 texts
    assert (one.missing["judge_nll_ar"], one.missing["similarity"]) == (0, 500)
    assert len(paired(store, "c7", "judge_nll_ar")) == 500
    with store.reading() as connection:
        for query in (summed({"sampler": "edlm"}), by_seed("c7", "judge_nll_ar"), kept(["c7", "c8"])):
            sql = query.compile(store.engine, compile_kwargs={"literal_binds": True})
            plan = [step.detail for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
            reads = [step for step in plan if "trials" in step]
            assert reads
            assert all("COVERING INDEX" in step or "trials_by_cell (cell=? AND seed=?)" in step for step in reads)
    store.close()


# ── versions ─────────────────────────────────────────────────────────────────────
def older(store):
    """The store as version 1 had it."""
    with store.writing() as connection:
        for index in ("trials_by_cell", "trials_by_measure"):
            connection.exec_driver_sql(f"DROP INDEX {index}")
        for table, column in (("trials", "processor"), ("trials", "cell"), ("trials", "batch"), ("tasks", "ahead")):
            connection.exec_driver_sql(f"ALTER TABLE {table} DROP COLUMN {column}")
        connection.execute(update(schema.schema).values(version=1))


def test_an_older_store_is_brought_up_and_keeps_what_it_had(store, url, tmp_path):
    store.add_trials([row(n) for n in range(3)])
    now = inspect(store.engine)
    tables = {name: {column["name"] for column in now.get_columns(name)} for name in ("tasks", "trials")}
    older(store)
    again = Store(url, tmp_path)
    then = inspect(again.engine)
    assert tables == {name: {column["name"] for column in then.get_columns(name)} for name in tables}
    assert {index["name"] for index in then.get_indexes("trials")} >= {"trials_by_cell", "trials_by_measure"}
    assert [(one.seed, one.cell, one.batch) for one in again.trials()] == [(n, None, None) for n in (2, 1, 0)]
    again.add_trials([row(0, cell="a"), row(0, cell="a")])
    assert again.count_trials() == 4
    again.close()


# ── runs ─────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def run():
    return load_run((ROOT / "assets" / "runs" / "1-repair.json").read_bytes())


def test_a_run_is_kept_in_a_file_by_its_hash(store, run):
    name = store.put_run(run)
    assert store.put_run(run) == name
    assert save_run(store.run(name)) == save_run(run)
    (listed,) = store.runs()
    assert (listed.hash, listed.title, listed.bytes) == (name, run.title, len(save_run(run)))


def test_a_run_that_is_gone_or_another_is_refused(store, run, tmp_path):
    for name in ("0" * 64, "../../etc/passwd"):
        with pytest.raises(Refusal, match="open its file again"):
            store.run(name)
    name = store.put_run(run)
    (path,) = (tmp_path / "runs").rglob(f"{name}.json")
    path.write_bytes(save_run(structs.replace(run, title="changed")))
    with pytest.raises(Refusal, match="found another"):
        store.run(name)


# ── processes ────────────────────────────────────────────────────────────────────
def write_rows(url, folder, writer, told):
    store = Store(url, folder)
    for n in range(ROWS):
        store.add_trials([row(n, sampler=f"writer-{writer}")])
        told.send(n)  # only after it was committed
    store.close()


def test_four_processes_write_one_is_killed_and_nothing_that_was_committed_is_lost(url, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    ears, writers = [], []
    for n in range(WRITERS):
        ear, mouth = spawn.Pipe(duplex=False)
        writers.append(spawn.Process(target=write_rows, args=(url, tmp_path, n, mouth)))
        ears.append(ear)
        writers[-1].start()
        mouth.close()
    told, lists, killed = [-1] * WRITERS, 0, False
    store = Store(url, tmp_path)
    while any(writer.is_alive() for writer in writers) or any(ear.poll() for ear in ears if not ear.closed):
        for n, ear in enumerate(ears):
            try:
                while not ear.closed and ear.poll(0.001):
                    told[n] = ear.recv()
                    if told[0] >= 100 and not killed:  # at once: a quick writer would be done
                        os.kill(writers[0].pid, signal.SIGKILL)
                        killed = True
            except EOFError:
                ear.close()
        assert len(store.trials(limit=50)) <= 50  # a reader waits for nobody
        lists += 1
    assert killed
    assert lists > 1
    assert told[1:] == [ROWS - 1] * (WRITERS - 1)
    for n in range(1, WRITERS):
        assert store.count_trials(sampler=f"writer-{n}") == ROWS
    assert ROWS > store.count_trials(sampler="writer-0") >= told[0] + 1
    if store.engine.dialect.name == "sqlite":
        with store.reading() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
    store.close()


OPEN = "import sys; from edlm_core.work.store import Store; print(Store(sys.argv[1]).count_trials())"


def test_a_new_store_may_be_opened_by_many_at_once(url, tmp_path):
    environment = os.environ | {"EDLM_DATA": str(tmp_path)}
    opening = [
        subprocess.Popen([sys.executable, "-c", OPEN, url], cwd=ROOT, env=environment, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=120)[0] for process in opening] == [b"0\n"] * 4


# ── where it lies ────────────────────────────────────────────────────────────────
def test_the_store_lies_in_the_users_data_folder_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("EDLM_STORE", raising=False)
    monkeypatch.delenv("EDLM_DATA", raising=False)
    assert database.address().endswith("edlm-explorer/store.db")
    monkeypatch.setenv("EDLM_DATA", str(tmp_path / "mine"))
    store = Store()
    assert (tmp_path / "mine" / "store.db").is_file()
    assert store.folder == tmp_path / "mine"
    store.close()
    monkeypatch.setenv("EDLM_STORE", f"sqlite:///{tmp_path / 'other.db'}")
    Store().close()
    assert (tmp_path / "other.db").is_file()


def test_the_journal_mode_is_read_back(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 1000 * database.BUSY_SECONDS
    store.close()
    with pytest.raises(Refusal, match="journal mode 'memory'"):  # a place that can't keep a write-ahead log
        Store("sqlite:///file::memory:?uri=true", tmp_path)


# ── refusals ─────────────────────────────────────────────────────────────────────
def test_a_newer_schema_is_refused(store, url, tmp_path):
    with store.writing() as connection:
        connection.execute(update(schema.schema).values(version=3))
    with pytest.raises(Refusal, match="expected version 2, found 3"):
        Store(url, tmp_path)


def test_a_locked_store_is_refused(tmp_path):
    path = tmp_path / "store.db"
    store = Store(f"sqlite:///{path}", tmp_path, busy_seconds=0.1)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Refusal, match="another process holds it"):
        store.add_trials([row()])
    assert store.count_trials() == 0  # reading goes on
    other.execute("ROLLBACK")
    store.add_trials([row()])
    store.close()


@pytest.mark.parametrize(
    ("pragma", "words"), [("query_only = 1", "can be written"), ("max_page_count = 1", "free some")]
)
def test_a_read_only_store_and_a_full_disk_are_refused(tmp_path, pragma, words):
    """As SQLite itself reports them: the one from a file that may not be written, the other at its last page."""
    store = Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda connection, _record: connection.execute(f"PRAGMA {pragma}"))
    with pytest.raises(Refusal, match=words):
        store.add_trials([row(prompt="x" * 1000)] * 500)
    store.close()


def test_a_place_that_is_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="set EDLM_DATA to another folder"):
        Store(f"sqlite:///{tmp_path / 'file' / 'store.db'}", tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "store.db").write_text("something else, and long enough to be looked at " * 20)
    with pytest.raises(Refusal, match="found a damaged one"):
        Store(f"sqlite:///{tmp_path / 'store.db'}", tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "nosuch://x", "mysql+nosuch://u:secret@x/y"])
def test_an_address_that_is_none_is_refused(url, tmp_path):
    with pytest.raises(Refusal, match="EDLM_STORE") as refused:
        Store(url, tmp_path)
    assert "secret" not in str(refused.value)


def test_a_server_that_does_not_answer_is_refused_without_its_password(tmp_path):
    with pytest.raises(Refusal, match="expected a PostgreSQL server") as refused:
        Store("postgresql+psycopg://me:secret@127.0.0.1:9/edlm", tmp_path)
    assert "secret" not in str(refused.value)
