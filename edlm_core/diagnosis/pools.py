"""One step of a run, asked again: more candidates, other candidates, and what the energy makes of them.

A `Standpoint` is a state x_t of a run with one denoiser call made; from there candidates can be drawn, and any
text that agrees with x_t can be scored. The first K drawn are those that the run met at this step.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from ..config import Request
from ..method.importance import ImportanceWeights
from ..method.noise import TOKENS, uniforms
from ..method.proposals import Proposals, inverse_cdf
from ..method.sampling import temper
from ..method.schedules import time_grid
from ..models.checkpoints import Model
from ..runs.steps import energy_by_name
from .pool import Pool

BLOCK = 32  # candidates to a call of the energy, so that a big pool can be watched and stopped


class Standpoint:
    """x_t (L,) before grid step `step` of a request's run."""

    def __init__(self, model: Model, request: Request, x_t: Tensor, step: int) -> None:
        self.model, self.request, self.step = model, request, step
        self.energy = energy_by_name(model, request.energy)
        self.x_t = x_t.to(model.device)
        self.masked = self.x_t == model.denoiser.vocab_size
        self.t = time_grid(request.config.num_steps)[step].to(model.device)[None]
        log_probs = model.denoiser(self.x_t[None], self.t, self.masked[None])
        self.log_probs = temper(log_probs, request.config.temperature)  # (M, V)

    def draw(self, count: int, vary: Tensor | None = None, rest: Tensor | None = None) -> Tensor:
        """`count` independent draws of the masked positions, (count, L): the run's own noise. With `vary` (L,) bool
        only those are drawn, and the others are as in `rest` (L,)."""
        noise = uniforms(self.request.config.seed, TOKENS, self.step, (count, len(self.x_t))).to(self.x_t.device)
        x_0 = (self.x_t if rest is None else rest.to(self.x_t.device)).expand(count, -1).clone()
        free = self.masked if vary is None else self.masked & vary.to(self.masked.device)
        x_0[:, free] = inverse_cdf(self.log_probs[free[self.masked]], noise.T[free]).T
        return x_0

    def score(self, x_0: Tensor) -> tuple[Tensor, Tensor]:
        """log p_theta and energy terms by position of complete texts (n, L): two (n, L)."""
        token_log_q = torch.zeros(x_0.shape, dtype=self.log_probs.dtype, device=x_0.device)
        token_log_q[:, self.masked] = self.log_probs.gather(1, x_0[:, self.masked].T).T
        terms = self.energy(Proposals(x_0[None], token_log_q[None]), self.x_t[None], self.t)
        return token_log_q, terms[0]

    def pool(self, x_0: Tensor, token_log_q: Tensor, terms: Tensor) -> Pool:
        """Scored candidates as a Pool of the tokenizer's ids; the heaviest stands as chosen."""
        tokenizer, config = self.model.tokenizer, self.request.config
        weights = ImportanceWeights.from_energy(terms.double().sum(-1)[None], config.energy_temperature)
        ids = x_0.cpu().numpy()
        x_t = self.x_t.cpu().numpy()
        grid = time_grid(config.num_steps)
        words = {int(i): tokenizer.word(int(i)) for i in np.unique(np.concatenate([ids.ravel(), x_t]))}
        return Pool(
            step=self.step,
            t=float(grid[self.step]),
            s=float(grid[self.step + 1]),
            words=words,
            temperature=config.energy_temperature,
            mask=tokenizer.mask_id,
            x_t=x_t,
            x_s=x_t,
            candidate=ids,
            token_log_q=token_log_q.double().cpu().numpy(),
            energy=terms.double().sum(-1).cpu().numpy(),
            token_energy=terms.double().cpu().numpy(),
            weight=weights.normalized[0].cpu().numpy(),
            chosen=int(weights.log_w.argmax()),
        )


class BiggerPool:
    """The work of drawing `count` candidates at one step, a block at a time."""

    def __init__(self, model: Model, request: Request, x_t: Tensor, step: int, count: int) -> None:
        self.at = Standpoint(model, request, x_t, step)
        self.x_0 = self.at.draw(count)
        self.done: list[tuple[Tensor, Tensor]] = []

    def steps(self) -> Iterator[float]:
        for block in self.x_0.split(BLOCK):
            self.done.append(self.at.score(block))
            yield len(self.done) * BLOCK / max(len(self.x_0), len(self.done) * BLOCK)

    def result(self) -> Pool:
        """The candidates scored so far."""
        done = list(self.done)
        token_log_q, terms = (torch.cat(parts) for parts in zip(*done, strict=True))
        return self.at.pool(self.x_0[: len(terms)], token_log_q, terms)
