"""A run of several samplers side by side, recorded while it happens: what Watch plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import __version__
from ..config import Request
from ..method.sampling import StepRecord
from ..models.checkpoints import Model
from ..models.text_fingerprint import fingerprint
from ..processor import processor
from ..refusals import Refusal
from . import metrics
from .lane_record import LaneRecord, packed, used_tokens
from .schema import (
    ALTERNATIVES,
    COLUMNS,
    FORMAT,
    MAX_LINE,
    STEP_LISTS,
    VERSION,
    Column,
    ModelName,
    Run,
    pack,
    shape_of,
)
from .steps import Cost, judge_by_name, run_steps, x_T_of
from .text_names import recorded_energy


class LaneRecorder:
    """One sampler's steps of a single chain (B = 1), kept as the run file needs them: the (M, V)
    tables of a long run would not fit into memory. One thread may `add` while another reads `lane`."""

    def __init__(self, sampler: str, x_T: Tensor, mask_id: int) -> None:
        self.sampler, self.mask_id = sampler, mask_id
        self.x_T = x_T.numpy()
        self._steps: list[dict[str, Any]] = []
        self.cost = Cost()
        self.measures: dict[str, float] = {}

    def add(self, r: StepRecord) -> None:
        masked = r.masked[0].cpu().numpy()
        p = r.log_probs.exp()
        top = p.topk(min(ALTERNATIVES, p.shape[-1]), dim=-1)
        A = top.indices.shape[-1]
        marginal_id = np.full((len(masked), ALTERNATIVES), self.mask_id)
        marginal_p = np.zeros((len(masked), ALTERNATIVES))
        entropy = np.zeros(len(masked))
        marginal_id[masked, :A] = top.indices.cpu()
        marginal_p[masked, :A] = top.values.float().cpu()
        entropy[masked] = -(p * r.log_probs.nan_to_num(neginf=0)).sum(-1).float().cpu()
        self._steps.append(
            {
                "step": int(r.step[0]),
                "t": round(float(r.t[0]), 6),
                "s": round(float(r.s[0]), 6),
                "chosen": int(r.chosen[0]),
                "num_candidates": r.energy.shape[1],
                "x": r.x_s[0].cpu().numpy(),
                "candidate": r.proposals.x_0[0].cpu().numpy(),
                "marginal_id": marginal_id,
                "marginal_p": np.rint(marginal_p * 65535),
                "entropy": np.rint(entropy * 1000),
                "token_log_q": r.proposals.token_log_q[0].float().cpu().numpy(),
                "log_q": r.proposals.log_q[0].float().cpu().numpy(),
                "energy": r.energy[0].float().cpu().numpy(),
                "token_energy": r.token_energy[0].float().cpu().numpy(),
                "weight": r.weights.normalized[0].float().cpu().numpy(),
            }
        )

    @property
    def final(self) -> np.ndarray:
        """(L,) the text so far."""
        return self._steps[-1]["x"] if self._steps else self.x_T

    @property
    def size(self) -> tuple[int, int]:
        """Steps and measures so far: while it stays, so does `lane`."""
        return len(self._steps), len(self.measures)

    def lane(self) -> LaneRecord:
        """The lane so far."""
        steps = list(self._steps)
        K = max((step["num_candidates"] for step in steps), default=1)

        def stacked(name: str, column: Column) -> np.ndarray:
            """What the steps have, one below the other; the axis of candidates is shorter at some."""
            fill = self.mask_id if column.holds_tokens else column.fill
            dtype = np.int64 if column.holds_tokens else column.dtype
            rows = [step[name] for step in steps]
            if column.axes[0] == "S+1":
                rows = [self.x_T, *rows]
            whole = np.full((len(rows), *shape_of(column, len(steps), len(self.x_T), K)[1:]), fill, dtype)
            for n, row in enumerate(rows):
                whole[n, : len(row)] = row if column.holds_tokens else np.clip(row, *_range(column.dtype))
            return whole

        return LaneRecord(
            sampler=self.sampler,
            seconds=round(self.cost.seconds, 4),
            denoiser_calls=self.cost.denoiser_calls,
            energy_calls=self.cost.energy_calls,
            measures=dict(self.measures),
            **{name: [step[name] for step in steps] for name in STEP_LISTS},
            columns={name: stacked(name, column) for name, column in COLUMNS.items()},
        )


class Recording:
    """One lane a request, all on one seed: the same reveal schedule and the same noise.

    recording = Recording(model, requests, title="A walk")
    for done in recording.steps():   # the share that is done, 0..1
        partial = recording.result()    # plays as far as it got
    """

    def __init__(self, model: Model, requests: Sequence[Request], title: str) -> None:
        check_title(title)
        self.model, self.requests, self.title = model, tuple(requests), title
        self.complete = False
        self._encode = lru_cache(maxsize=1)(self._encoded)  # once a state of the lanes, not at each look
        self.x_T = x_T_of(model, requests[0])
        self.lanes = [LaneRecorder(request.sampler, self.x_T, model.tokenizer.mask_id) for request in requests]

    def steps(self) -> Iterator[float]:
        """Advance the lane that lags most in time t, one network step each; then stop."""
        running = {
            n: run_steps(self.model, request, lane.cost)
            for n, (request, lane) in enumerate(zip(self.requests, self.lanes, strict=True))
        }
        time = dict.fromkeys(running, 1.0)
        while running:
            n = max(running, key=lambda n: (time[n], -n))
            record = next(running[n], None)
            if record is None:
                del running[n]
                time[n] = 0.0
                continue
            self.lanes[n].add(record)
            time[n] = float(record.s[0])
            yield 1 - sum(time.values()) / len(time)
        self.complete = True

    def measure(self, judges: Sequence[str]) -> None:
        """Fill each lane's measures: judge_nll_<judge>, entropy, repeated_words, changed (the
        share of the tokens that the first draw of their step would have had otherwise)."""
        tokenizer = self.model.tokenizer
        generated = (self.x_T == tokenizer.mask_id)[None]
        for lane in self.lanes:
            x_0 = torch.from_numpy(lane.final[None])
            ids = x_0[0].tolist()
            for name in judges:
                judge = judge_by_name(self.model, name)
                lane.measures[f"judge_nll_{name}"] = metrics.judge_nll(judge, x_0.to(self.model.device), generated)[0]
            lane.measures["entropy"] = metrics.token_entropy(ids)
            lane.measures["repeated_words"] = metrics.repeated_words(tokenizer.decode(ids))
            lane.measures["changed"] = lane.cost.changed / max(1, lane.cost.written)

    def result(self) -> Run:
        """The run so far."""
        return self._encode(self.complete, *(lane.size for lane in self.lanes))

    def _encoded(self, complete: bool, *_sizes: tuple[int, int]) -> Run:
        lanes = [lane.lane() for lane in self.lanes]
        return encode_run(self.model, self.requests, lanes, self.title, complete=complete)


def check_title(title: str) -> None:
    """Raises Refusal where a file could not have it: it came from a command line in another encoding, or is long."""
    if len(title) > MAX_LINE or (not title.isascii() and any("\ud800" <= c <= "\udfff" for c in title)):
        raise Refusal("run-title", most=MAX_LINE, got=title[:40])


def encode_run(
    model: Model,
    requests: Sequence[Request],
    lanes: Sequence[LaneRecord],
    title: str,
    *,
    complete: bool,
    branch: int | None = None,
) -> Run:
    """Lanes of one visitor's run, with one vocabulary table. The config is the last request's. `branch`: after which
    step it left the run that the title is of."""
    tokenizer, request = model.tokenizer, requests[-1]
    used = used_tokens(lanes, tokenizer.mask_id)
    fixed = lanes[0].columns["x"][0] != tokenizer.mask_id
    return Run(
        format=FORMAT,
        version=VERSION,
        title=title,
        prompt=request.prompt,
        energy=recorded_energy(request.energy, fingerprint),
        config=request.config,
        model=ModelName(name=model.name, fingerprint=model.fingerprint),
        device=str(model.device),
        dtype=str(model.dtype).removeprefix("torch."),
        software={
            "edlm": __version__,
            "torch": str(torch.__version__),
            "threads": str(torch.get_num_threads()),
            "processor": _processor(model.device)[:MAX_LINE],
        },
        vocabulary=[tokenizer.spell(int(i)) for i in used],
        token_ids=[int(i) for i in used],
        end_of_text=int(np.searchsorted(used, tokenizer.end_of_text)) if tokenizer.end_of_text in used else -1,
        fixed=pack(fixed, "<u1"),
        lanes=[packed(lane, used) for lane in lanes],
        complete=complete,
        branch=branch,
    )


def _processor(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else processor()


def _range(dtype: str) -> tuple[float, float]:
    """The finite numbers of a type: a file has no infinite log-probability."""
    limits = np.iinfo(dtype) if np.dtype(dtype).kind == "u" else np.finfo(dtype)
    return float(limits.min), float(limits.max)
