"""What a visitor of Diagnose looks at: a lane, a step, a draft, a position. It outlives a change of page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import streamlit as st

from edlm_core.catalogue import has_exact_terms
from edlm_core.config import Request
from edlm_core.diagnosis.coherence import written_at
from edlm_core.diagnosis.pool import Pool, lanes_with_candidates, pools_of
from edlm_core.displayed import in_sentence, in_table
from edlm_core.runs.run_file import Lane, Run
from edlm_core.work.tasks import Place, request_of, run_hash

from ..app.cache import model_names
from ..app.i18n import language
from ..app.links import Settings, settings_of_run
from ..app.shown import Shown, hand_over
from ..app.theme import Palette
from ..widgets.frame import Chart, Spec, as_spec

state = st.session_state


@dataclass(frozen=True)
class View:
    id: str
    run: Run
    lane: Lane
    lane_index: int
    pools: list[Pool]  # one a recorded step
    n: int  # which of them
    draft: int  # the one held against the chosen
    position: int
    palette: Palette

    @property
    def pool(self) -> Pool:
        return self.pools[self.n]

    @property
    def autoregressive(self) -> bool:
        return has_exact_terms(self.run.energy)

    @property
    def settings(self) -> Settings | None:
        """What would make this run again; None beyond the pages' limits."""
        return settings_of_run(self.run)

    @property
    def request(self) -> Request | None:
        """What the lane was made from; None where this release or this folder could not make it."""
        try:
            made = request_of(self.run, self.lane_index)
        except ValueError:
            return None
        return made if self.run.model.name in model_names() else None

    @property
    def here(self) -> tuple[Any, ...]:
        """What an answer about this step is kept under."""
        return (self.id, self.lane_index, self.pool.step)

    def place(self, n: int | None = None) -> Place:
        """This step, or another recorded one, as a question names it."""
        return Place(run_hash(self.run), self.lane_index, self.n if n is None else n)

    @property
    def text(self) -> list[str]:
        """The lane's last words, a position each, as short as an axis wants them."""
        return [self.word(token).strip() or "␣" for token in self.pools[-1].x_s]

    @property
    def written(self) -> np.ndarray:
        """(L,) the step, from 1, that wrote each of them; 0 where the prompt did."""
        numbers = np.array([*(pool.step + 1 for pool in self.pools), 0])
        return numbers[written_at(self.pools)]  # GIVEN is the last

    def word(self, token: int) -> str:
        """A token by itself, as text for a sentence."""
        return in_sentence(self.pool.words[int(token)])

    def words(self, draft: int) -> list[str]:
        """The words of a draft, for a table."""
        return in_table(self.pool.words_of(self.pool.candidate[draft]))


def view_of(shown: Shown, palette: Palette) -> View | None:
    """The selection made to fit the run; None where no lane had anything to choose from."""
    run_id, run = shown.id, shown.run
    lanes = lanes_with_candidates(run)
    if not lanes:
        return None
    if state.get("seen") != run_id:  # another run: begin where its energy first overruled the first draw
        state.seen = run_id
        for key in ("d_lane", "d_step", "d_draft", "d_position"):
            state.pop(key, None)
    lane_index = state.get("d_lane")
    if lane_index not in lanes:  # a lane without drafts: the same step in one that has them
        lane_index = lanes[0]
    lane = run.lanes[lane_index]
    pools = pools_of(run, lane)
    n = state.get("d_step")
    if n is None or not 0 <= n < len(pools):
        n = next((n for n, pool in enumerate(pools) if pool.chosen != 0), 0)
    pool = pools[n]
    draft = state.get("d_draft")
    if draft is None or not 0 <= draft < len(pool.weight) or draft == pool.chosen:
        draft = rival(pool)
    position = state.get("d_position")
    if position is None or not 0 <= position < len(pool.x_t):
        written = pool.revealed.nonzero()[0]
        position = int(written[0]) if len(written) else 0
    state.d_lane, state.d_step, state.d_draft, state.d_position = lane_index, n, draft, position
    return View(run_id, run, lane, lane_index, pools, n, draft, position, palette)


def drawn(name: str, key: tuple[Any, ...], view: View, chart: Callable[[], Chart]) -> Spec:
    """A chart that is the same until `key` changes, or the theme, or the language of its words."""
    return remembered(name, (*key, view.palette, language()), lambda: as_spec(chart()))


def remembered(name: str, key: tuple[Any, ...], compute: Callable[[], Any]) -> Any:
    """Numbers that are the same until `key` changes; one result is kept for each name. A chart goes to `drawn`."""
    kept = state.get(f"kept_{name}")
    if kept is None or kept[0] != key:
        kept = state[f"kept_{name}"] = (key, compute())
    return kept[1]


def rival(pool: Pool) -> int:
    """Whom the chosen draft is held against: the first draw it replaced, else the next by weight."""
    others = [k for k in (-pool.weight).argsort(kind="stable") if k != pool.chosen]
    return 0 if pool.chosen != 0 or not others else int(others[0])


def link_of(shown: Shown) -> dict[str, str]:
    """The query of a run's link."""
    return dict(parse_qsl((shown.link or "").removeprefix("?")))


def address_of(view: View, query: Mapping[str, str]) -> dict[str, str]:
    """The query that leads back here, from that of the run."""
    return (
        dict(query)
        | {
            "at": str(view.pool.step + 1),
            "lane": str(view.lane_index),
            "draft": str(view.draft + 1),
            "position": str(view.position + 1),
            "look": state.d_section,
        }
        | ({"measured": state.d_measured} if state.get("d_measured") and state.d_section == "many" else {})
    )


def arrive_at(shown: Shown, query: Mapping[str, str]) -> None:
    """What an address asks to see; what does not fit is left out."""
    number = {
        name: int(query[name])
        for name in ("at", "lane", "draft", "position")
        if query.get(name, "").isdecimal() and len(query[name]) < 5
    }
    if "at" in number:
        lane = min(number.get("lane", 0), len(shown.run.lanes) - 1)
        position = number["position"] - 1 if "position" in number else None
        hand_over(shown, lane, number["at"], position)
        state.d_draft = number["draft"] - 1 if "draft" in number else None


def select(*, step: int | None = None, draft: int | None = None, position: int | None = None) -> None:
    """Look elsewhere, from a callback: the next script run draws it. `step` is an index into the recorded steps."""
    for key, value in (("d_step", step), ("d_draft", draft), ("d_position", position)):
        if value is not None:
            state[key] = value
    if step is not None:
        state.d_draft = None  # the first draw of that step
