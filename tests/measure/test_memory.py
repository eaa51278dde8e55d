"""What a run holds at once, counted by the allocator: one table of the vocabulary, never one for each candidate."""

import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.measure.bench.timing import peak_bytes
from edlm_core.method.sampling import sample_steps
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.models.denoisers import TransformerDenoiser
from edlm_core.models.language_models import TransformerLanguageModel
from edlm_core.models.transformer import Transformer, TransformerConfig

V = 50_257
CPU = torch.device("cpu")


class LengthEnergy:
    """An energy that costs nothing: what is measured is the sampler and its denoiser."""

    vocab_size = V

    def __call__(self, proposals, x_t, t):
        return proposals.token_log_q * 0.01


def thin(causal):
    """A network whose own activations are next to nothing beside the vocabulary."""
    torch.manual_seed(0)
    return Transformer(TransformerConfig(V + 1, 4, depth=1, heads=1, kv_heads=1, hidden=4, causal=causal))


def test_the_allocators_peak_is_what_was_alive_at_once():
    def run():
        kept = torch.zeros(1000, dtype=torch.float64)
        for _ in range(3):
            passing = torch.zeros(500, dtype=torch.float64)
            del passing
        return kept

    assert peak_bytes(run, CPU) == 12_000


def test_a_large_run_stays_under_its_bound():
    """V = 50 k, L = 1024, K = 16, B = 4: of the first two steps, the fullest, one table alone is 823 MB."""
    config = SampleConfig(length=1024, num_steps=1024, num_candidates=16, num_chains=4)
    denoiser = TransformerDenoiser(thin(causal=False), V)

    def run():
        steps = sample_steps(denoiser, LengthEnergy(), LogLinearSchedule(), config)
        masked = [int(next(steps).masked.sum()) for _ in range(2)]
        assert masked[0] == 4096

    table = 4096 * V * 4
    assert table < peak_bytes(run, CPU) < 1.5e9


@pytest.mark.parametrize("texts", [4, 8])
def test_scoring_candidates_never_holds_their_logits_at_once(texts):
    language_model = TransformerLanguageModel(thin(causal=True), V, 0)
    x_0 = torch.randint(V, (texts, 256), generator=torch.Generator().manual_seed(0))
    assert (
        peak_bytes(lambda: language_model.token_log_probs(x_0), CPU) < 256 * V * 12
    )  # texts · 256 · V · 4: all logits
