"""Everything that can be made of a run, made: what the door of the run files lets in must get through all of it."""

import csv
import io
import json
import re

import numpy as np
from PIL import Image, ImageSequence

from edlm_core.catalogue import SAMPLERS
from edlm_core.diagnosis.pool import lanes_with_candidates, pools_of
from edlm_core.diagnosis.trust import trust_of
from edlm_core.runs.costs import learn
from edlm_core.runs.run_file import load_run, save_run
from pages.parts.app.links import settings_of_run
from pages.parts.widgets import stage
from pages.parts.widgets.exports import candidates_csv, step_csv
from pages.parts.widgets.picture import MAX_FRAMES, animated_gif

NAMES = dict(zip(SAMPLERS, SAMPLERS, strict=True))


def strict(text):
    """JSON as a browser reads it: no NaN, no Infinity, no half of a surrogate pair."""

    def refuse(constant):
        raise AssertionError(constant)

    text.encode()
    return json.loads(text, parse_constant=refuse)


def write_everything(run):
    """Raises where anything can't be written, or can't be read again."""
    data = save_run(run)
    strict(data.decode())
    assert load_run(data) == run
    strict(re.search(r'id="data">(.*?)</script>', stage.player(run).decode(), re.DOTALL).group(1))
    with Image.open(io.BytesIO(animated_gif(run, NAMES))) as picture:
        assert sum(1 for _frame in ImageSequence.Iterator(picture)) <= MAX_FRAMES + 2
    _table(candidates_csv(run), sum(sum(lane.num_candidates) for lane in run.lanes))
    for n in lanes_with_candidates(run):
        pools = pools_of(run, run.lanes[n])
        trust_of(pools)
        _table(step_csv(pools[0]), pools[0].candidate.size)
        assert all(np.isfinite(pool.log_w).all() for pool in pools)
    settings_of_run(run)
    learn({"denoiser": 1e-3}, run)


def _table(data, rows):
    table = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert len(table) == rows + 1
    assert {len(row) for row in table} == {len(table[0])}
