"""The published sampling steps, restated to be raced against: EDLM (Xu et al. 2025) and the caching MDLM
(Sahoo et al. 2024).

What they compute is kept: a grid of T steps, full-vocabulary probabilities at every position with a column for the
mask, races over the whole vocabulary for candidates and for reveals, tables repeated K times, full logits of the
autoregressive model, and a cache that holds only while no chain moves. What was wrong is put right: the weights are
softmax(-E), a chain's candidates stay its own, the residual is in log-probabilities, the race's noise has
53 bits, the energy acts on the step whose candidates it scored and inside its window alone, and the grid ends at t = 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from ...config import SampleConfig
from ...method.denoiser import Denoiser
from ...method.importance import ImportanceWeights
from ...method.sampling import start
from ...models.language_models import TransformerLanguageModel

FullLogProbs = Callable[[Tensor], Tensor]  # x_0 (N, L) -> log p(. | x_0^{<i}) at every position (N, L, V)


def published_steps(
    denoiser: Denoiser, full_log_probs: FullLogProbs, config: SampleConfig, *, device: torch.device | str = "cpu"
) -> Iterator[Tensor]:
    """x_s (B, L) after each of the T steps, log-linear schedule. At K = 1 no energy is asked: the caching MDLM."""
    V, K, T = denoiser.vocab_size, config.num_candidates, config.num_steps
    low, high = config.window
    generator = torch.Generator(device).manual_seed(config.seed)
    x = start(V, config, None).to(device)
    p_x0, corrected = None, False
    for n in range(T):
        t, s = (T - n) / T, (T - n - 1) / T
        inside = K > 1 and low <= t <= high
        if p_x0 is None or inside != corrected:
            log_p = _log_p_x0(denoiser, x, t)  # (B, L, V + 1)
            p_x0, corrected = log_p.exp(), inside
            if inside:
                x_0 = _importance_sample(log_p, p_x0, full_log_probs, config, generator)
                p_x0 = F.one_hot(x_0, V + 1).to(p_x0.dtype)
        q_xs = p_x0 * (t - s)
        q_xs[..., V] = s
        x_s = torch.where(x == V, _race(q_xs, generator), x)
        if not torch.equal(x_s, x):
            p_x0 = None
        x = x_s
        yield x


def all_log_probs(language_model: TransformerLanguageModel) -> FullLogProbs:
    """Every token's log-probability at every position, float32, in one piece."""
    network, V = language_model.network, language_model.vocab_size

    def full(x_0: Tensor) -> Tensor:
        before = torch.cat([torch.full_like(x_0[:, :1], language_model.end_of_text), x_0[:, :-1]], dim=1)
        return network.logits(network(before), V).log_softmax(-1)

    return full


def _log_p_x0(denoiser: Denoiser, x: Tensor, t: float) -> Tensor:
    """log p_theta with a last column for the mask, which is never predicted; what is visible is certain (SUBS)."""
    (B, L), V = x.shape, denoiser.vocab_size
    everywhere = torch.ones_like(x, dtype=torch.bool)
    time = torch.full((B,), t, dtype=torch.float64, device=x.device)
    log_p = F.pad(denoiser(x, time, everywhere).view(B, L, V), (0, 1), value=-torch.inf)
    visible = x != V
    log_p[visible] = -torch.inf
    log_p[visible, x[visible]] = 0
    return log_p


def _importance_sample(
    log_p: Tensor, p_x0: Tensor, full_log_probs: FullLogProbs, config: SampleConfig, generator: torch.Generator
) -> Tensor:
    """The candidate taken, of K drawn: (B, L)."""
    K = config.num_candidates
    x_0 = _race(p_x0.repeat_interleave(K, 0), generator)  # (B·K, L)
    log_q = log_p.repeat_interleave(K, 0).gather(-1, x_0[..., None])[..., 0].sum(-1)
    log_ar = full_log_probs(x_0).gather(-1, x_0[..., None])[..., 0].sum(-1)
    weights = ImportanceWeights.from_energy((log_q - log_ar).view(-1, K), config.energy_temperature)
    chosen = weights.normalized.multinomial(1, generator=generator)[:, 0]
    return x_0.view(-1, K, x_0.shape[-1])[torch.arange(len(chosen), device=x_0.device), chosen]


def _race(rates: Tensor, generator: torch.Generator) -> Tensor:
    """One draw a row from unnormalised probabilities (..., V): the clock that rings first, the Gumbel race's twin."""
    uniform = torch.rand(rates.shape, dtype=torch.float64, device=rates.device, generator=generator)
    # float32 keeps what matters, the relative precision of uniforms near 0
    return (rates / -torch.log1p(-uniform.to(rates.dtype))).argmax(-1)
