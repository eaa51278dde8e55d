"""Blind reading: a sheet tells nothing of who wrote what, and the analysis says what planted readers said."""

import json
import re
from collections import Counter

import msgspec
import numpy as np
import pytest

from edlm_core.__main__ import main
from edlm_core.measure.blind import Answer, Answers, Key, fingerprint, read_answers, read_key, shuffled
from edlm_core.measure.blind_sheet import sheet_page, sheet_text
from edlm_core.measure.readings import agreement, analyse, fleiss_kappa
from edlm_core.refusals import Refusal

LANES = ("mdlm", "edlm", "ar")
TEXTS = {lane: [f"<{lane[::-1]}> {n}" for n in range(60)] for lane in LANES}
HOSTILE = "</script><img src=x onerror=alert(1)> \x07 \u202e"


@pytest.fixture(scope="module")
def key():
    pairs = shuffled(TEXTS, 60, 7)
    return Key(fingerprint(pairs), {"model": "none"}, pairs)


def answers_of(key, better, rating, reader="one"):
    """A reader with a rule: `better` and `rating` see the lanes, as no real reader does."""
    said = [
        Answer(pair.number, better(pair.left_lane, pair.right_lane), rating(pair.left_lane), rating(pair.right_lane))
        for pair in key.pairs
    ]
    return Answers(key.sheet, reader, said)


# ── the sheet ────────────────────────────────────────────────────────────────────
def test_every_two_lanes_meet_equally_often_on_both_sides_in_no_order(key):
    met = Counter(frozenset((pair.left_lane, pair.right_lane)) for pair in key.pairs)
    assert set(met.values()) == {20}
    assert 15 <= sum(pair.left_lane < pair.right_lane for pair in key.pairs) <= 45
    assert [pair.seed for pair in key.pairs] != sorted(pair.seed for pair in key.pairs)
    assert sorted(pair.seed for pair in key.pairs) == list(range(7, 67))


def test_a_pair_has_the_texts_of_its_seed(key):
    for pair in key.pairs:
        assert (pair.left, pair.right) == tuple(
            TEXTS[lane][pair.seed - 7] for lane in (pair.left_lane, pair.right_lane)
        )


def test_the_same_seed_makes_the_same_sheet_and_another_another(key):
    assert fingerprint(shuffled(TEXTS, 60, 7)) == key.sheet != fingerprint(shuffled(TEXTS, 60, 8))


def test_the_sheet_names_no_lane(key):
    for sheet in (sheet_text(key.pairs), sheet_page(key.pairs)):
        assert not [lane for lane in LANES if re.search(rf"\b{lane}\b", sheet)]
        assert all(f"{pair.seed - 7}" in sheet for pair in key.pairs)


def test_a_text_stays_text_on_the_page():
    page = sheet_page(shuffled({"mdlm": [HOSTILE], "ar": ["b"]}, 1, 0))
    assert "<img" not in page
    assert "\x07" not in page
    assert page.count("</script>") == 2


# ── answers ──────────────────────────────────────────────────────────────────────
def test_a_file_and_lines_say_the_same(key):
    saved = answers_of(key, lambda left, right: "left", lambda lane: 3)
    lines = "# mine\n\n" + "\n".join(f"{a.pair} {a.better} {a.left} {a.right}" for a in saved.answers)
    assert read_answers(msgspec.json.encode(saved), key).answers == read_answers(lines.encode(), key).answers


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"1 left 3", "expected a pair from 1 to 60"),
        (b"0 left 3 3", "got 0 left"),
        (b"61 left 3 3", "got 61 left"),
        (b"1 both 3 3", "got 1 both"),
        (b"1 left 3 6", "got 1 3 6"),
        (b"1 left 3 3\n1 left 3 3", "got 1 left"),
        (b"\xff\xfe", "expected a pair"),
        (b"[" * 100_000, "expected a pair"),
        (b'{"sheet": 1}', "sheet"),
        (b'{"sheet": "0", "reader": "", "answers": []}', "expected those to sheet"),
    ],
)
def test_answers_that_are_none_are_refused(key, data, reason):
    with pytest.raises(Refusal, match=reason):
        read_answers(data, key)


# ── the analysis ─────────────────────────────────────────────────────────────────
def test_a_reader_who_likes_ar_best_is_understood(key):
    rank = {"mdlm": 1, "edlm": 3, "ar": 5}
    found = analyse(key, [answers_of(key, lambda a, b: "left" if rank[a] > rank[b] else "right", rank.get)])
    assert {(p.lane, p.other): p.share for p in found.preferences} == {
        ("ar", "edlm"): (1.0, 1.0, 1.0),
        ("ar", "mdlm"): (1.0, 1.0, 1.0),
        ("edlm", "mdlm"): (1.0, 1.0, 1.0),
    }
    assert {r.lane: r.rating for r in found.ratings} == {lane: (float(n), 0.0) for lane, n in rank.items()}
    assert {r.lane: r.right_english[0] for r in found.ratings} == {"mdlm": 0.0, "edlm": 0.0, "ar": 1.0}
    assert found.agreement is found.kappa is None


def test_who_always_says_left_prefers_nobody(key):
    found = analyse(key, [answers_of(key, lambda a, b: "left", lambda lane: 3)])
    for preference in found.preferences:
        _share, low, high = preference.share
        assert low < 0.5 < high
        assert preference.won + preference.lost == preference.pairs == 20


def test_two_readers_of_a_pair_count_once(key):
    one = answers_of(key, lambda a, b: "left" if a == "ar" else "right" if b == "ar" else "same", lambda lane: 4)
    other = answers_of(key, lambda a, b: "same", lambda lane: 2)
    found = analyse(key, [one, other])
    against = next(p for p in found.preferences if (p.lane, p.other) == ("ar", "mdlm"))
    assert (against.pairs, against.won, against.same, against.share[0]) == (20, 10.0, 10.0, 0.75)
    assert {r.rating[0] for r in found.ratings} == {3.0}
    assert found.agreement == pytest.approx(20 / 60)  # they agree where `ar` is not one of the two


def test_kappa_of_the_published_example():
    """Fleiss 1971, as worked out in textbooks: fourteen raters, ten items, five categories: 0.210."""
    table = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    votes = [Counter(dict(enumerate(row))) for row in table]
    assert agreement(votes) == pytest.approx(0.378, abs=5e-4)
    assert fleiss_kappa(votes) == pytest.approx(0.210, abs=5e-4)


def test_readers_who_answer_by_chance_have_no_kappa():
    rng = np.random.default_rng(0)
    votes = [Counter(rng.integers(3, size=4).tolist()) for _ in range(4000)]
    assert abs(fleiss_kappa(votes)) < 0.03


# ── the command ──────────────────────────────────────────────────────────────────
def test_from_a_model_to_what_readers_said(tiny_folder, tmp_path, capsys):
    settings = ["--length", "12", "--steps", "3", "--candidates", "2", "--seed", "7"]
    main(["blind", "--model", str(tiny_folder), "--out", str(tmp_path / "s"), "--num", "6", *settings])
    key = read_key((tmp_path / "s" / "key.json").read_bytes())
    assert len(key.pairs) == 6
    (tmp_path / "a.txt").write_text("\n".join(f"{n} same 3 3" for n in range(1, 7)))
    capsys.readouterr()
    main(["blind", "--out", str(tmp_path / "s"), "--answers", str(tmp_path / "a.txt"), "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer["weights"] == key.about["weights"]
    assert {p["share"][0] for p in answer["preferences"]} == {0.5}
    with pytest.raises(SystemExit):  # not written over
        main(["blind", "--model", str(tiny_folder), "--out", str(tmp_path / "s"), "--num", "6", *settings])
    assert "expected no such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--lanes", "ar"], "lanes: expected two or more"),
        (["--lanes", "ar", "ar"], "lanes: expected two or more"),
        (["--num", "0"], "num: expected a whole number"),
        (["--answers", "/nowhere"], "expected a file"),
    ],
)
def test_what_makes_no_sheet_is_refused_before_any_work(tmp_path, capsys, arguments, reason):
    with pytest.raises(SystemExit) as stopped:
        main(["blind", "--out", str(tmp_path), *arguments])
    assert stopped.value.code == 2
    assert reason in capsys.readouterr().err
