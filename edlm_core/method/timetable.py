"""When things happen in a run: which positions each step reveals, and which it masks again first.

None of it depends on the tokens, so it is drawn before the first one is (method: "revealing and drawing
are two separate random choices"). An *order* has the last word on which positions a step reveals: the
samplers of other papers let the denoiser's confidence decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from ..config import SampleConfig
from .noise import REMASK, REVEAL, uniforms
from .rules import Choice, Step
from .schedules import NoiseSchedule, dilated_steps, reveal_steps, time_grid

REMASKING = 0.1  # most that a step of `remask` masks again of what is visible


@dataclass(frozen=True)
class Event:
    """One step of one chain that reveals something."""

    step: int
    t: float
    s: float
    reveal: Tensor  # (L,) bool, among the masked positions
    hide: Tensor  # (L,) bool: visible positions that are masked again before the step


Timetable = Callable[[int, Tensor, NoiseSchedule, SampleConfig], list[Event]]


def scheduled(seed: int, masked: Tensor, schedule: NoiseSchedule, config: SampleConfig) -> list[Event]:
    """Every masked position (L,) once, at a step of its own drawing or, dilated, far from its companions."""
    row = reveal_row(seed, masked, schedule, config)
    nothing = torch.zeros_like(masked)
    return [_event(n, config.num_steps, row == n, nothing) for n in sorted(set(row[masked].tolist()))]


def reveal_schedule(masked: Tensor, schedule: NoiseSchedule, config: SampleConfig) -> Tensor:
    """At which step each position of a run's chains is revealed: (B, L) bool -> (B, L), -1 where it is fixed."""
    return torch.stack([reveal_row(config.seed + b, here, schedule, config) for b, here in enumerate(masked)])


def reveal_row(seed: int, masked: Tensor, schedule: NoiseSchedule, config: SampleConfig) -> Tensor:
    """The same for the chain of one seed: (L,) -> (L,)."""
    T = config.num_steps
    if config.reveal == "dilated":
        row = dilated_steps(uniforms(seed, REVEAL, 0, (T,)), masked)
    else:
        row = reveal_steps(uniforms(seed, REVEAL, 0, masked.shape), schedule, T)
    return row.masked_fill(~masked, -1)


def remasked(seed: int, masked: Tensor, schedule: NoiseSchedule, config: SampleConfig) -> list[Event]:
    """ReMDM (Wang et al. 2025, eq. 5 with a capped sigma): a visible token is masked again with probability
    sigma = min(REMASKING, (1 - alpha_s) / alpha_t), a masked one revealed with (alpha_s - (1 - sigma) alpha_t) /
    (1 - alpha_t); so at each time as many are visible as without, and what was a mistake has a second chance."""
    T = config.num_steps
    alpha = schedule.alpha(time_grid(T)).tolist()
    chance = uniforms(seed, REMASK, 0, (T, len(masked)))
    now, hide, events = masked, torch.zeros_like(masked), []
    for n in range(T):
        sigma = min(REMASKING, (1 - alpha[n + 1]) / alpha[n]) if alpha[n] > 0 else 0.0
        reveal = now & (chance[n] < (alpha[n + 1] - (1 - sigma) * alpha[n]) / (1 - alpha[n]))
        again = masked & ~now & (chance[n] < sigma)
        if reveal.any():
            events.append(_event(n, T, reveal, hide))
            hide = torch.zeros_like(masked)
        hide = hide | again  # those masked at this step are masked for the next one that draws
        now = (now & ~reveal) | again
    return events


def _event(n: int, T: int, reveal: Tensor, hide: Tensor) -> Event:
    return Event(n, (T - n) / T, (T - n - 1) / T, reveal, hide)


def branched(events: Sequence[Event], step: int, masked: Tensor, num_steps: int) -> list[Event]:
    """What is left to do for a chain that stands before `step` of `num_steps` with these positions masked (L,): what
    should have been revealed by then is revealed at that step."""
    rest = [event for event in events if event.step >= step]
    late = masked & ~torch.stack([torch.zeros_like(masked), *(event.reveal for event in rest)]).any(0)
    if late.any():
        first = rest.pop(0) if rest and rest[0].step == step else _event(step, num_steps, late, torch.zeros_like(late))
        rest.insert(0, replace(first, reveal=first.reveal | late))
    kept, now = [], masked
    for event in rest:
        now = now | event.hide
        if (event.reveal & now).any():
            kept.append(event)
        now = now & ~event.reveal
    return kept


def together(
    tables: Sequence[Sequence[Event]], window: tuple[float, float]
) -> Iterator[tuple[list[int], list[Event], bool]]:
    """(chains, their events, inside the window?) to run together: every chain's first event, then every chain's
    second, and so on; apart where the window gives them different K."""
    for number in range(max(map(len, tables))):
        ready = [(b, table[number]) for b, table in enumerate(tables) if number < len(table)]
        for inside in (True, False):
            group = [(b, event) for b, event in ready if (window[0] <= event.t <= window[1]) == inside]
            if group:
                yield [b for b, _ in group], [event for _, event in group], inside


# ── orders: which of the masked positions, once x_0 has been taken ─────────────────────
Order = Callable[[Step, Choice], Tensor]


def as_scheduled(step: Step, choice: Choice) -> Tensor:
    """The timetable's own (b, L)."""
    return step.reveal


def most_confident(step: Step, choice: Choice) -> Tensor:
    """As many as the timetable says, where the token taken is likeliest (MaskGIT, Chang et al. 2022)."""
    rows = torch.arange(len(choice.chosen), device=choice.chosen.device)
    return _top(step, choice.proposals.token_log_q[rows, choice.chosen])


def least_entropy(step: Step, choice: Choice) -> Tensor:
    """As many as the timetable says, where the marginal is narrowest (Dream, Ye et al. 2025)."""
    surety = torch.zeros_like(choice.proposals.token_log_q[:, 0])
    surety[step.masked] = (step.log_probs.exp() * step.log_probs.nan_to_num(neginf=0)).sum(-1)
    return _top(step, surety)


def _top(step: Step, score: Tensor) -> Tensor:
    """The masked positions of highest score, the first of equals: (b, L) -> (b, L) bool."""
    ranked = score.masked_fill(~step.masked, -torch.inf).argsort(dim=-1, descending=True, stable=True)
    return ranked.argsort(-1) < step.reveal.sum(-1, keepdim=True)
