"""Speculative decoding: the diffusion model drafts all that is missing, the autoregressive model verifies.

Each round draws K complete candidates from the denoiser given the text so far, reads them with the autoregressive
model in one call, and keeps the longest prefix that passes, plus one token of the autoregressive model's own.
What is written is exactly a sample of that model (Leviathan et al. 2023; several drafts: Miao et al. 2024, SpecInfer),
in a third of its calls: the honest competitor of every corrected sampler.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from ..config import SampleConfig
from .denoiser import Denoiser
from .importance import ImportanceWeights
from .language_models import ReadableModel
from .noise import ACCEPT, CHOICE, TOKENS, Noise
from .proposals import Proposals, inverse_cdf, propose
from .sampling import StepRecord, start, temper


def speculative_steps(
    denoiser: Denoiser,
    language_model: ReadableModel,
    config: SampleConfig,
    *,
    x_T: Tensor | None = None,
    device: torch.device | str = "cpu",
) -> Iterator[StepRecord]:
    """Rounds as step records; K = `config.num_candidates` drafts a round.

    Fixed positions are clamped, as in `autoregressive_steps`: what stands to the right of a blank does not
    influence it. `config.num_steps`, the window, the reveal order and the temperatures of proposals and
    energy change how many rounds it takes at most, never the law.
    """
    V, K = denoiser.vocab_size, config.num_candidates
    x = start(V, config, x_T).to(device)
    L = x.shape[1]
    for number in range(L):
        chains = (x == V).any(1).nonzero()[:, 0]
        if len(chains) == 0:
            return
        noise = Noise([(config.seed + b, number) for b in chains.tolist()], device)
        x_t = x[chains]
        masked = x_t == V
        t = masked.double().mean(1)
        log_q = temper(denoiser(x_t, t, masked), config.temperature)
        drafts = propose(log_q, x_t, masked, noise(TOKENS, K, L))
        x_s, chosen, log_p = verify(language_model, drafts, log_q, x_t, masked, noise)
        x[chains] = x_s
        token_energy = drafts.token_log_q - log_p
        yield StepRecord(
            chains=chains.cpu(),
            step=torch.full((len(chains),), number),
            t=t.cpu(),
            s=(x_s == V).double().mean(1).cpu(),
            x_t=x_t,
            masked=masked,
            log_probs=log_q,
            proposals=drafts,
            token_energy=token_energy,
            energy=token_energy.sum(-1),
            weights=ImportanceWeights.from_energy(token_energy.sum(-1)),
            chosen=chosen,
            revealed=masked & (x_s != V),
            x_s=x_s,
        )


def verify(
    language_model: ReadableModel, drafts: Proposals, log_q: Tensor, x_t: Tensor, masked: Tensor, noise: Noise
) -> tuple[Tensor, Tensor, Tensor]:
    """The text (b, L) after one round, the draft that lasted longest (b,), and log p of all drafts' tokens (b, K, L).

    From left to right, all chains at once. At a masked position the drafts that agree with what has been kept are
    tried one after the other: token x is kept with probability min(1, r(x) / q(x)), r the language model's law;
    each refusal leaves r = (r - q)+, normalised, and where all are refused the token comes from what is left of r,
    which ends the chain's round. Given x_t the positions of a draft are independent, so that a draft has been
    kept so far says nothing of its next token, and q is the law of it still.
    """
    b, K, L = drafts.x_0.shape
    rows = torch.arange(b, device=x_t.device)
    reading = language_model.read(drafts.x_0.flatten(0, 1))
    table = torch.full((b, L), -1, device=x_t.device)  # which row of log_q belongs to a position
    table[masked] = torch.arange(len(log_q), device=x_t.device)
    accept, own = noise(ACCEPT, K, L), noise(CHOICE, L)
    x_s, agrees = x_t.clone(), torch.ones(b, K, dtype=torch.bool, device=x_t.device)
    going, chosen = torch.ones(b, dtype=torch.bool, device=x_t.device), torch.zeros_like(rows)
    for i in range(L):
        here = going & masked[:, i]
        first = agrees.int().argmax(1)  # all that agree have read the same prefix
        chosen = torch.where(going, first, chosen)
        if not here.any():
            continue
        r = reading.law(rows * K + first, i).double().exp()
        q = log_q[table[:, i].clamp(min=0)].double().exp()
        token, kept = torch.zeros_like(rows), torch.zeros_like(going)
        for k in range(K):
            x = drafts.x_0[:, k, i]
            tried = here & agrees[:, k] & ~kept
            passes = tried & (accept[:, k, i] * q[rows, x] < r[rows, x])
            token, kept = torch.where(passes, x, token), kept | passes
            left = (r - q).clamp(min=0)
            refused = (tried & ~passes)[:, None] & (left.sum(-1, keepdim=True) > 0)
            r = torch.where(refused, left / left.sum(-1, keepdim=True), r)
        token = torch.where(kept, token, inverse_cdf(r.log(), own[:, i, None])[:, 0])
        x_s[:, i] = torch.where(here, token, x_s[:, i])
        agrees = torch.where(here[:, None], agrees & (drafts.x_0[:, :, i] == token[:, None]), agrees)
        going = going & (kept | ~here)
        if not going.any():
            break
    return x_s, chosen, reading.token_log_probs.unflatten(0, (b, K))
