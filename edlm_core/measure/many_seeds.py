"""Where does the energy work? Averages over many seeds, one setting varied and everything else fixed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from ..config import Request
from ..method.sampling import StepRecord
from ..models.checkpoints import Model
from ..runs.metrics import judge_nll, mean_interval, token_entropy
from ..runs.steps import Cost, judge_by_name, run_steps, x_T_of

CHAINS = 8  # together in one batch
TIMES, PLACES = 8, 16  # bins of t and of the position


@dataclass
class Sample:
    """What the runs of one request have shown so far, one entry a run."""

    request: Request
    ess: list[np.ndarray] = field(default_factory=list)  # (TIMES,) mean ESS / K of the steps of a bin, nan if none
    changed: list[np.ndarray] = field(default_factory=list)  # (TIMES,) share of the words written then, changed
    by_place: list[np.ndarray] = field(default_factory=list)  # (TIMES, PLACES) the same by position
    judge_nll: list[float] = field(default_factory=list)  # nats per token
    entropy: list[float] = field(default_factory=list)

    def over_time(self, name: str) -> list[tuple[float, float, float, int]]:
        """(middle of t, mean, half-width of the 95 % interval, runs) of `ess` or `changed`."""
        table = np.array(getattr(self, name))
        columns = [column[~np.isnan(column)].tolist() for column in table.T]
        return [((b + 0.5) / TIMES, *mean_interval(values), len(values)) for b, values in enumerate(columns) if values]

    def where(self) -> list[tuple[int, int, float, float, int]]:
        """(bin of t, bin of position, mean share of words changed by the energy, half-width, runs)."""
        table = np.array(self.by_place)
        found = []
        for b in range(TIMES):
            for c in range(PLACES):
                values = table[:, b, c]
                values = values[~np.isnan(values)].tolist()
                if values:
                    found.append((b, c, *mean_interval(values), len(values)))
        return found


class ManySeeds:
    """The work of `seeds` runs for each request. A word counts as changed by the energy where the draft taken has
    another than the first draw, which is what the run would have written with K = 1."""

    def __init__(self, model: Model, requests: Sequence[Request], seeds: int, judge: str) -> None:
        self.model, self.seeds, self.judge = model, seeds, judge_by_name(model, judge)
        self.samples = [Sample(request) for request in requests]

    def steps(self) -> Iterator[float]:
        whole = len(self.samples) * self.seeds
        for n, sample in enumerate(self.samples):
            for first in range(0, self.seeds, CHAINS):
                size = min(CHAINS, self.seeds - first)
                config = replace(sample.request.config, num_chains=size, seed=sample.request.config.seed + first)
                tally = _Tally(size, config.length)
                request = replace(sample.request, config=config)
                x = x_T_of(self.model, request).expand(size, -1).clone()
                generated = x == self.model.tokenizer.mask_id
                for record in run_steps(self.model, request, Cost()):
                    tally.add(record)
                    x[record.chains] = record.x_s.cpu()
                    yield (n * self.seeds + first + size * (1 - float(record.s.mean()))) / whole
                sample.ess += list(_divided(tally.sums["ess"], tally.sums["steps"]))
                sample.changed += list(_divided(tally.changed.sum(2), tally.written.sum(2)))
                sample.by_place += list(_divided(tally.changed, tally.written))
                sample.judge_nll += judge_nll(self.judge, x.to(self.model.device), generated)
                sample.entropy += [token_entropy(row) for row in x.tolist()]
        yield 1.0

    def run(self) -> list[Sample]:
        """Only whole batches of runs are in it."""
        return [sample for sample in self.samples if sample.entropy]


class _Tally:
    """Sums over the steps of some chains, by bin."""

    def __init__(self, chains: int, length: int) -> None:
        self.length = length
        self.sums = {name: np.zeros((chains, TIMES)) for name in ("ess", "steps")}
        self.changed, self.written = np.zeros((chains, TIMES, PLACES)), np.zeros((chains, TIMES, PLACES))

    def add(self, record: StepRecord) -> None:
        K = record.energy.shape[1]
        places = np.arange(self.length) * PLACES // self.length
        taken = record.proposals.x_0[torch.arange(len(record.chosen)), record.chosen]
        other = (taken != record.proposals.x_0[:, 0]).cpu().numpy()
        revealed = record.revealed.cpu().numpy()
        for b, chain in enumerate(record.chains.tolist()):
            bin_of_t = min(TIMES - 1, int(float(record.t[b]) * TIMES))
            np.add.at(self.changed[chain, bin_of_t], places, (other & revealed)[b])
            np.add.at(self.written[chain, bin_of_t], places, revealed[b])
            if K > 1:
                self.sums["steps"][chain, bin_of_t] += 1
                self.sums["ess"][chain, bin_of_t] += float(record.weights.ess[b]) / K


def _divided(sums: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Means, nan where nothing was counted."""
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)
