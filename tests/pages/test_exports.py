"""What leaves the app as a file says what the run says."""

import csv
import io
from itertools import pairwise

import numpy as np
import pytest
from msgspec import structs
from PIL import Image, ImageSequence

from edlm_core.runs.run_file import lane_array
from pages.parts.app.cache import ASSETS
from pages.parts.widgets.exports import candidates_csv
from pages.parts.widgets.picture import animated_gif

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


@pytest.mark.parametrize("begin", ["=1+1", "+1", "-1", "@a", "\tx"])
def test_a_text_that_looks_like_a_formula_stays_text(run, begin):
    odd = structs.replace(run, vocabulary=[begin] * len(run.vocabulary))
    rows = list(csv.DictReader(io.StringIO(candidates_csv(odd).decode("utf-8-sig"))))
    assert all(row["text"].startswith("'" + begin) for row in rows)


def test_the_picture_has_a_frame_a_state_and_fills_up(run):
    picture = Image.open(io.BytesIO(animated_gif(run, NAMES)))
    frames = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(picture)]
    assert len(frames) == run.config.num_steps + 1
    assert all((a != b).any() for a, b in pairwise(frames))
    assert picture.info["duration"] >= 2000  # the end is held
