"""Targets and what is said of them: right values, and what can't be told."""

import math
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from edlm_core.measure.board import (
    Board,
    as_json,
    board_named,
    delete_board,
    kept_boards,
    lines,
    read_board,
    save_board,
    table,
)
from edlm_core.measure.estimates import Estimate, mean, quantile, rate
from edlm_core.measure.kpis import KPIS, Sample
from edlm_core.measure.targets import State, Verdict, attained, verdict
from edlm_core.measure.words import Words
from edlm_core.refusals import Refusal

from ..trials import planted


# ── estimates ────────────────────────────────────────────────────────────────────
def test_a_mean_has_students_interval_and_one_text_has_none():
    found = mean([1.0, 2.0, 3.0, 6.0])
    assert found.value == 3
    assert found.high - 3 == pytest.approx(3.182 * math.sqrt(14 / 3 / 4))
    assert mean([2.0]) == Estimate(2.0, -math.inf, math.inf, 1, 1, 2)
    assert mean([0.25] * 3) == Estimate(0.25, 0.25, 0.25, 3, 3, 2)
    assert mean([]) is None


def test_the_texts_of_a_batch_share_their_seconds():
    found = mean([1.0, 1.0, 3.0, 3.0], draws=2)
    assert (found.value, found.texts, found.draws) == (2.0, 4, 2)
    assert found.high - found.value == pytest.approx(12.706)  # t of one degree, times the sd of 1 and 3 over sqrt(2)


def test_a_rate_turns_the_interval_around_and_may_have_no_upper_end():
    found = rate(Estimate(2.0, 1.0, 4.0, 8, 2, 2))
    assert (found.value, found.low, found.high) == (0.5, 0.25, 1.0)
    found = rate(Estimate(2.0, -1.0, math.inf, 8, 2, 2))
    assert (found.low, found.high) == (0.0, math.inf)


def test_a_quantile_lies_between_order_statistics():
    found = quantile([float(n) for n in range(1, 11)], 0.5, texts=160)
    assert (found.value, found.low, found.high) == (5, 2, 9)  # P(Bin(10, 1/2) <= 1) = 0.011, <= 2: 0.055
    assert (found.texts, found.draws, found.least) == (160, 10, 6)


def test_of_few_batches_nothing_bounds_a_high_quantile():
    found = quantile([3.0, 1.0, 2.0, 5.0, 4.0], 0.95, texts=80)
    assert (found.value, found.low, found.high, found.least) == (5, 4, math.inf, 72)
    many = quantile([float(n) for n in range(1, 73)], 0.95, texts=72)
    assert many.high == 72
    assert quantile([float(n) for n in range(1, 72)], 0.95, texts=71).high == math.inf


# ── verdicts ─────────────────────────────────────────────────────────────────────
FOUND = Estimate(4.0, 3.75, 4.25, 64, 64, 2)


@pytest.mark.parametrize(
    ("target", "lower", "state"),
    [
        (4.25, True, State.MET),  # just reached
        (4.125, True, State.OPEN),
        (3.9, True, State.OPEN),
        (3.7, True, State.MISSED),
        (3.75, False, State.MET),
        (3.9, False, State.OPEN),
        (4.3, False, State.MISSED),
        (math.inf, True, State.MET),
    ],
)
def test_a_target_is_met_or_not_where_the_whole_interval_says_so(target, lower, state):
    assert verdict(FOUND, target, lower=lower).state is state


def test_how_many_texts_more_would_settle_it():
    found = verdict(FOUND, 4.125, lower=True)
    assert found == Verdict(State.OPEN, 64 * 4 - 64)  # half the width takes four times the texts
    batches = verdict(replace(FOUND, draws=4), 4.125, lower=True)
    assert batches.more == 12 * 16  # twelve batches more, of sixteen texts
    assert verdict(FOUND, 4.0, lower=True) == Verdict(State.OPEN, None)  # no number would


def test_one_text_and_few_batches_say_how_many_it_takes_at_least():
    assert verdict(mean([4.0]), 4.5, lower=True) == Verdict(State.OPEN, 1, at_least=True)
    few = quantile([1.0] * 5, 0.95, texts=80)
    assert verdict(few, 60.0, lower=True) == Verdict(State.OPEN, (72 - 5) * 16, at_least=True)
    assert verdict(few, 0.5, lower=True).state is State.MISSED  # that much is known of them


def test_no_spread_and_no_measure():
    assert verdict(mean([0.25] * 3), 0.25, lower=True) == Verdict(State.MET)
    assert verdict(mean([0.25] * 3), 0.2, lower=True) == Verdict(State.MISSED)
    assert verdict(None, 1.0, lower=True) == Verdict(State.ABSENT)


def test_how_far_towards_its_target():
    assert attained(5.0, 4.0, lower=True) == 0.8
    assert attained(0.75, 0.5, lower=False) == 1.5
    assert attained(0.0, 0.02, lower=True) == attained(0.1, 0.0, lower=False) == math.inf
    assert attained(0.0, 0.0, lower=True) == attained(0.0, 0.0, lower=False) == 1.0
    assert attained(-0.1, 0.5, lower=False) == 0.0


# ── a board ──────────────────────────────────────────────────────────────────────
def sample(nll, seconds=2.0, **more):
    return Sample(planted("corrector", nll, seconds), "smollm2", price=3.6, **more)


def by_name(found):
    return {line.kpi.name: line for line in found}


def test_every_figure_of_a_board_is_that_of_its_rows():
    words = Words({"text": frozenset({"of"}), "of": frozenset()})
    own, other = sample([4.0, 4.2, None, 4.4], words=words), sample([5.0, 5.0])
    found = by_name(lines(Board("own", targets={"nll": 5.0, "repetition": 0.05}), own, other))
    assert list(found) == list(KPIS)
    assert found["nll"].found.value == pytest.approx(4.2)
    assert (found["nll"].found.texts, found["nll"].beside.value) == (3, 5.0)
    assert found["nll"].verdict.state is State.MET
    assert found["repetition"].verdict.state is State.MISSED  # 0.1 of each text
    seconds = (2.0 + 2.0 + 2.01 + 2.01) / 4
    assert found["rate"].found.value == pytest.approx(1 / seconds)
    assert found["cost"].found.value == pytest.approx(seconds)  # 1,000 texts at 3.6 an hour
    assert found["p50"].found.value == pytest.approx(4.0)  # a batch of two
    assert found["p95"].found.value == pytest.approx(4.02)
    assert found["broken"].found.value == pytest.approx(4 / 6)  # "Text 0 of corrector, <b>*bold*</b>." knows two
    assert found["pairs"].found is None  # a number stands between them
    assert found["filled"].verdict.state is found["similarity"].verdict.state is State.ABSENT


def test_what_was_not_measured_is_empty_and_not_zero():
    exported = {row[0]: row[1:] for row in table(lines(Board("own"), sample([4.0])))}
    assert exported["filled"] == [0.2, None, None, None, 0, "absent", None, None, None, None]
    assert exported["nll"] == [4.5, 4.0, None, None, 1, "open", 1, None, None, None]


@pytest.fixture
def folder(monkeypatch, tmp_path):
    monkeypatch.setenv("EDLM_DATA", str(tmp_path))
    return tmp_path / "boards"


def test_boards_are_kept_by_any_name_opened_again_and_deleted(folder, tmp_path):
    board = Board("own", "other", "tales", price=0.5, targets={"rate": 2.0}, name="../Pilot: “Frühling” 猫?")
    assert kept_boards() == ([], [])
    save_board(board)
    save_board(with_fields(board, price=0.7))
    save_board(with_fields(board, name="A"))
    assert [kept.name for kept in kept_boards()[0]] == ["../Pilot: “Frühling” 猫?", "A"]
    assert board_named(board.name).price == 0.7
    exported = tmp_path / "board.json"
    exported.write_bytes(as_json(board))
    assert read_board(exported) == board
    delete_board(board.name)
    delete_board(board.name)
    with pytest.raises(Refusal) as refusal:
        board_named(board.name)
    assert (refusal.value.code, refusal.value.values["known"]) == ("board-unknown", "A")
    assert {path.parent for path in tmp_path.rglob("*.json")} == {folder, tmp_path}


@pytest.mark.parametrize("name", ["", " ", "a" * 61, "a\x1bb", " a"])
def test_a_board_takes_a_name_that_can_be_read(folder, name):
    with pytest.raises(Refusal) as refusal:
        save_board(Board("own", name=name))
    assert refusal.value.code == "board-name"


@pytest.mark.parametrize("data", [b"", b"[]", b'{"cell": 3}', b'{"cell": "a", "price": -1}', b"\xff"])
def test_a_damaged_board_is_named_and_the_others_are_there(folder, data):
    save_board(Board("own", name="A"))
    (folder / "bad.json").write_bytes(data)
    kept, (problem,) = kept_boards()
    assert [board.name for board in kept] == ["A"]
    assert problem.code == "file-damaged"
    assert "bad.json" in str(problem)
