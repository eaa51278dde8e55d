"""A run of several samplers side by side, recorded while it happens: what Watch plays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from torch import Tensor

from .. import __version__
from ..config import Request
from ..method.sampling import StepRecord
from ..models.checkpoints import Model
from . import metrics
from .run_file import ALTERNATIVES, COLUMNS, FORMAT, VERSION, Lane, Run, pack
from .steps import Cost, judge_by_name, run_steps, x_T_of


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
                "step": int(r.step[0]), "t": round(float(r.t[0]), 6), "s": round(float(r.s[0]), 6),
                "chosen": int(r.chosen[0]), "num_candidates": r.energy.shape[1],
                "x": r.x_s[0].cpu().numpy(), "candidate": r.proposals.x_0[0].cpu().numpy(),
                "marginal_id": marginal_id, "marginal_p": np.rint(marginal_p * 65535),
                "entropy": np.rint(entropy * 1000),
                "token_log_q": r.proposals.token_log_q[0].float().cpu().numpy(),
                "log_q": r.proposals.log_q[0].float().cpu().numpy(), "energy": r.energy[0].float().cpu().numpy(),
                "token_energy": r.token_energy[0].float().cpu().numpy(),
                "weight": r.weights.normalized[0].float().cpu().numpy(),
            }
        )  # fmt: skip

    def lane(self) -> Lane:
        """The lane so far, still with the tokenizer's ids."""
        steps = list(self._steps)
        K = max((n["num_candidates"] for n in steps), default=1)
        S, L = len(steps), len(self.x_T)

        def stacked(name: str) -> np.ndarray:
            """Per-step arrays with a leading K axis that may be shorter at some steps: -> (S, K, ...)."""
            fill = self.mask_id if name == "candidate" else 0
            whole = np.full((S, K, *steps[0][name].shape[1:]) if steps else (0, K), fill, dtype=np.float64)
            for n, step in enumerate(steps):
                whole[n, : step["num_candidates"]] = step[name]
            return whole

        return {
            "sampler": self.sampler, "steps": S, "length": L, "candidates": K,
            "seconds": round(self.cost.seconds, 4),
            "denoiser_calls": self.cost.denoiser_calls, "energy_calls": self.cost.energy_calls,
            "measures": dict(self.measures),
            **{name: [n[name] for n in steps] for name in ("step", "t", "s", "chosen", "num_candidates")},
            "x": np.stack([self.x_T, *(n["x"] for n in steps)]),
            **{name: np.array([n[name] for n in steps]) for name in ("marginal_id", "marginal_p", "entropy")},
            **{name: stacked(name) for name in ("candidate", "token_log_q", "token_energy")},
            **{name: stacked(name) for name in ("log_q", "energy", "weight")},
        }  # fmt: skip


class Recording:
    """One lane a request, all on one seed: the same reveal schedule and the same noise.

        recording = Recording(model, requests, title="A walk")
        for done in recording.steps():   # the share that is done, 0..1
            partial = recording.run()    # plays as far as it got
    """  # fmt: skip

    def __init__(self, model: Model, requests: Sequence[Request], title: str) -> None:
        self.model, self.requests, self.title = model, tuple(requests), title
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

    def measure(self, judges: Sequence[str]) -> None:
        """Fill each lane's measures: judge_nll_<judge>, entropy, repeated_words, changed (the
        share of the tokens that the first draw of their step would have had otherwise)."""
        tokenizer = self.model.tokenizer
        generated = (self.x_T == tokenizer.mask_id)[None]
        for lane in self.lanes:
            x_0 = torch.from_numpy(lane.lane()["x"][-1:])
            ids = x_0[0].tolist()
            for name in judges:
                judge = judge_by_name(self.model, name)
                lane.measures[f"judge_nll_{name}"] = metrics.judge_nll(judge, x_0.to(self.model.device), generated)[0]
            lane.measures["entropy"] = metrics.token_entropy(ids)
            lane.measures["repeated_words"] = metrics.repeated_words(tokenizer.decode(ids))
            lane.measures["changed"] = lane.cost.changed / max(1, lane.cost.written)

    def run(self) -> Run:
        """The run so far."""
        return encode_run(self.model, self.requests, [lane.lane() for lane in self.lanes], self.title)


def encode_run(model: Model, requests: Sequence[Request], lanes: Sequence[Lane], title: str) -> Run:
    """Lanes of one visitor's run, with one vocabulary table. The config is the last request's."""
    tokenizer = model.tokenizer
    used = np.unique(
        np.concatenate([lane[name].ravel() for lane in lanes for name in ("x", "marginal_id", "candidate")])
    )
    used = np.union1d(used, [tokenizer.mask_id])  # sorted, and the mask is the largest id
    request = requests[-1]
    fixed = (lanes[0]["x"][0] != tokenizer.mask_id).astype(np.uint8)
    return {
        "format": FORMAT,
        "version": VERSION,
        "title": title,
        "prompt": request.prompt,
        "energy": request.energy,
        "config": asdict(request.config),
        "model": {"name": model.name, "fingerprint": model.fingerprint},
        "device": str(model.device),
        "dtype": str(model.dtype).removeprefix("torch."),
        "software": {"edlm": __version__, "torch": torch.__version__, "threads": str(torch.get_num_threads())},
        "vocabulary": [tokenizer.spell(int(i)) for i in used],
        "token_ids": [int(i) for i in used],
        "end_of_text": int(np.searchsorted(used, tokenizer.end_of_text)) if tokenizer.end_of_text in used else -1,
        "fixed": pack(fixed, "<u1"),
        "lanes": [_compact(lane, used) for lane in lanes],
    }


def _compact(lane: Lane, used: np.ndarray) -> Lane:
    packed = dict(lane)
    for name in ("x", "marginal_id", "candidate"):
        packed[name] = np.searchsorted(used, lane[name])
    for name, column in COLUMNS.items():
        packed[name] = pack(packed[name], column.dtype)
    return packed
