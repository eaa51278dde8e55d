"""What leaves the app as a file says what the run says."""

import csv
import io
import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from msgspec import structs
from PIL import Image, ImageColor, ImageSequence

from edlm_core.diagnosis.pool import pools_of
from edlm_core.runs.run_file import lane_array, pack
from pages.parts.app.cache import ASSETS
from pages.parts.app.theme import LIGHT
from pages.parts.widgets import lettering, picture, stage
from pages.parts.widgets.exports import candidates_csv, step_csv
from pages.parts.widgets.figure import csv_of
from pages.parts.widgets.picture import animated_gif
from pages.parts.widgets.tables import as_text, csv_file

NAMES = {"mdlm": "Independent", "edlm": "Energy-corrected", "ar": "Autoregressive"}


@pytest.fixture(scope="module")
def run():
    from edlm_core.runs.run_file import load_run

    return load_run((ASSETS / "runs" / "1-repair.json").read_bytes())


def test_the_table_has_every_candidate_with_its_weight_and_text(run):
    rows = list(csv.DictReader(io.StringIO(candidates_csv(run).decode("utf-8-sig"))))
    assert len(rows) == sum(sum(lane.num_candidates) for lane in run.lanes)
    lane = run.lanes[1]
    mine = [row for row in rows if row["sampler"] == "edlm"]
    weights = np.array([float(row["weight"]) for row in mine]).reshape(lane.steps, -1)
    np.testing.assert_allclose(weights, lane_array(lane, "weight"), rtol=1e-5)
    np.testing.assert_allclose(weights.sum(1), 1, atol=1e-4)
    assert [int(row["candidate"]) for row in mine if row["chosen"] == "1"] == lane.chosen
    last = [row["text"] for row in mine if row["chosen"] == "1"][-1]
    assert last == "".join(run.vocabulary[i] for i in lane_array(lane, "x")[-1])


BLANK = (" ", "\u00a0", "\u200b", "\ufeff", "\u200e\u2060 ", "\x00")  # what a spreadsheet skips before it looks
FORMULAS = ["=1+1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a", "\tx", "\r=1", "\n=1", *(b + "=1" for b in BLANK)]


@pytest.mark.parametrize("begin", FORMULAS)
def test_a_text_that_looks_like_a_formula_stays_text(run, begin):
    table = io.StringIO(csv_file(["text"], [[begin]]).decode("utf-8-sig"), newline="")
    assert [row["text"] for row in csv.DictReader(table)] == ["'" + begin]


@pytest.mark.parametrize("begin", ["=1+1", "＝1", "\tx"])
def test_a_draft_that_looks_like_a_formula_stays_text(run, begin):
    odd = structs.replace(run, vocabulary=[begin] * len(run.vocabulary))
    table = io.StringIO(candidates_csv(odd).decode("utf-8-sig"), newline="")
    assert all(row["text"].startswith("'" + begin) for row in csv.DictReader(table))


def test_tables_and_pictures_show_characters_and_not_their_bytes(run):
    odd = ["⟨C3⟩", "⟨A9⟩", "\u200b", "end"]
    vocabulary = (odd * len(run.vocabulary))[: len(run.vocabulary)]
    lane = run.lanes[1]
    L = lane.length
    candidate = np.broadcast_to(np.minimum(np.arange(L), 3), (lane.steps, lane.candidates, L))
    planted = structs.replace(
        run,
        vocabulary=vocabulary,
        end_of_text=3,
        lanes=[structs.replace(lane, candidate=pack(candidate, "<u2"))],
    )
    texts = {row["text"] for row in csv.DictReader(io.StringIO(candidates_csv(planted).decode("utf-8-sig")))}
    assert texts == {"é⟨U+200B ZERO WIDTH SPACE⟩" + "∎" * (L - 3)}
    pool = pools_of(planted, planted.lanes[0])[0]
    tokens = [row["token"] for row in csv.DictReader(io.StringIO(step_csv(pool).decode("utf-8-sig")))]
    assert tokens[:4] == ["é", "⋯", "⟨U+200B ZERO WIDTH SPACE⟩", "∎"]


def test_no_word_of_the_picture_overlaps_the_next_however_often_it_is_changed(run):
    lane = run.lanes[1]
    x = np.stack([np.full(lane.length, run.mask), np.zeros(lane.length), np.ones(lane.length)])
    vocabulary = [" extraordinarily", " a", *run.vocabulary[2:]]
    changed = structs.replace(
        run,
        vocabulary=vocabulary,
        lanes=[structs.replace(lane, steps=2, s=[0.5, 0.0], x=pack(x, "<u2"), candidate=_drafts(lane, 2))],
    )
    block = picture._Block(changed, changed.lanes[0], "", 0)
    assert min(width for _left, _y, width in block.places) > lettering.length(" extraordinarily")
    assert all(b >= a + width for (a, y, width), (b, below, _) in pairwise(block.places) if y == below)


def test_the_picture_of_a_stopped_run_ends_where_the_run_did(run):
    lane = run.lanes[1]
    half = next(n for n, s in enumerate(lane.s) if s <= 0.5)
    part = _begun(lane, half + 1)
    stopped = structs.replace(run, complete=False, lanes=[part])
    frames = Image.open(io.BytesIO(animated_gif(stopped, NAMES))).n_frames
    assert frames == round(run.config.num_steps * (1 - lane.s[half])) + 1 < run.config.num_steps
    nothing = _begun(lane, 0)
    picture_of_nothing = animated_gif(structs.replace(stopped, lanes=[nothing]), NAMES)
    assert Image.open(io.BytesIO(picture_of_nothing)).n_frames == 1


@pytest.mark.parametrize("text", ["", "a-b", "Tom", " 1", "“=”", "1+1", "<=", "⏎"])
def test_any_other_text_stays_as_it_is(text):
    assert as_text(text) == text


def test_every_table_is_made_by_one_function_and_begins_with_the_mark_of_utf_8(run):
    pool = pools_of(run, run.lanes[1])[0]
    chart = csv_of(pd.DataFrame({"=word": ["=1+1", "–"], "n": [1, 2], "x": [0.5, float("nan")]}))
    assert chart.decode("utf-8-sig").splitlines() == ["'=word,n,x", "'=1+1,1,0.5", "–,2,"]
    for data in (candidates_csv(run), step_csv(pool), chart):
        assert data.startswith("\ufeff".encode())


def test_a_run_that_was_stopped_says_so_wherever_it_goes(run):
    stopped = structs.replace(run, complete=False)
    for made, says in ((run, "1"), (stopped, "0")):
        rows = csv.DictReader(io.StringIO(candidates_csv(made).decode("utf-8-sig")))
        assert {row["complete"] for row in rows} == {says}
    assert f"<title>{run.title} (stopped early)</title>" in stage.player(stopped).decode()
    assert "stopped" not in re.search("<title>.*</title>", stage.player(run).decode()).group()
    whole, part = (Image.open(io.BytesIO(animated_gif(made, NAMES))).convert("L") for made in (run, stopped))
    corner = (420, 0, 720, 50)
    assert np.asarray(part.crop(corner)).sum() < np.asarray(whole.crop(corner)).sum()  # more ink
    assert animated_gif(stopped, NAMES, stopped="x") != animated_gif(stopped, NAMES)


def test_the_picture_has_a_frame_a_state_and_fills_up(run):
    picture = Image.open(io.BytesIO(animated_gif(run, NAMES)))
    frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]
    assert len(frames) == run.config.num_steps + 1
    assert all((a != b).any() for a, b in pairwise(frames))
    assert picture.info["duration"] >= 2000  # the end is held


def test_the_picture_has_a_title_and_marks_what_the_energy_changed_in_the_frame_where_it_is_written(run):
    def pixels(**how):
        picture = Image.open(io.BytesIO(animated_gif(run, NAMES, **how)))
        return [np.asarray(frame.convert("RGB")).astype(int) for frame in ImageSequence.Iterator(picture)]

    bare, titled = pixels(), pixels(title="A title " * 40)  # longer than there is room for
    changed = np.abs(bare[-1] - titled[-1]).sum(-1).nonzero()
    assert changed[0].max() < 24 + 28  # the first line, and none of the count to the right
    assert changed[1].max() < 720 - 24 - 30
    energy = np.array(ImageColor.getrgb(LIGHT.energy))
    orange = [(np.abs(frame - energy).sum(-1) < 12).nonzero() for frame in bare]
    legend = orange[0][0].min()  # before the first step only the legend has it
    lane = run.lanes[1]
    x, first = lane_array(lane, "x"), lane_array(lane, "candidate")[:, 0]
    marked = [bool(((x[r + 1] != x[r]) & (x[r + 1] != first[r])).any()) for r in range(lane.steps)]
    assert [bool((rows < legend - 28).any()) for rows, _ in orange[1:]] == marked


@pytest.mark.parametrize("word", ["\n" * 200, "a" * 200, "\n"])
def test_a_picture_is_bounded_whatever_is_in_it(run, word, monkeypatch):
    """By a bound that takes less time to reach than the app's."""
    pixels = 30_000_000
    assert pixels < picture._MAX_PIXELS <= 100_000_000
    monkeypatch.setattr(picture, "_MAX_PIXELS", pixels)
    long = structs.replace(
        run,
        vocabulary=[word] * len(run.vocabulary),
        config=replace(run.config, num_steps=1024),
        lanes=[_repeated(run.lanes[1], 1024)] * 3,
    )
    drawn = Image.open(io.BytesIO(animated_gif(long, NAMES)))
    assert drawn.height < 3 * 90 * 28
    assert drawn.n_frames * drawn.width * drawn.height < 1.2 * pixels
    assert drawn.n_frames >= 2


def _repeated(lane, length):
    """The lane with its positions over and over."""
    x = np.resize(lane_array(lane, "x"), (lane.steps + 1, length))
    drafts = np.resize(lane_array(lane, "candidate"), (lane.steps, lane.candidates, length))
    return structs.replace(lane, length=length, x=pack(x, "<u2"), candidate=pack(drafts, "<u2"))


def _begun(lane, steps):
    """The lane's first steps."""
    x = pack(lane_array(lane, "x")[: steps + 1], "<u2")
    return structs.replace(lane, steps=steps, s=lane.s[:steps], x=x, candidate=_drafts(lane, steps))


def _drafts(lane, steps):
    return pack(lane_array(lane, "candidate")[:steps], "<u2")
