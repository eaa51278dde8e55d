"""A request in words: every sampler and energy by name on a model folder, and what it cost."""

import pytest
import torch

from edlm_core.catalogue import SAMPLERS, energies_of
from edlm_core.config import Request, SampleConfig
from edlm_core.method.sampling import Branch
from edlm_core.runs.steps import Cost, energy_by_name, generate, run_steps

CONFIG = SampleConfig(length=12, num_steps=6, num_candidates=3, num_chains=2, reveal="dilated")


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_every_sampler_writes_a_whole_text_around_what_is_fixed_and_its_calls_are_counted(tales32, sampler):
    trace, cost = generate(tales32, Request(sampler, "ar", CONFIG, "Once upon a ___ there"))
    fixed = tales32.tokenizer.encode("Once upon a")
    assert trace.x_0.shape == (2, 12)
    assert (trace.x_0[:, :3] == torch.tensor(fixed)).all()
    assert trace.x_0.max() < tales32.tokenizer.vocab_size
    assert cost.denoiser_calls == len(trace.steps)
    assert cost.energy_calls == (len(trace.steps) if SAMPLERS[sampler].asks_energy else 0)
    assert (cost.scored > 0) == SAMPLERS[sampler].asks_energy


@pytest.mark.parametrize("energy", ["ar", "coar", "nce", "ar+nce"])
def test_every_energy_of_the_folder_corrects(tales32, energy):
    """Each tells a story from the same words shuffled, once drawn drafts are compared."""
    own = energy_by_name(tales32, energy)
    trace, cost = generate(tales32, Request("edlm", energy, CONFIG))
    assert cost.scored == pytest.approx(3 * sum(len(r.chains) for r in trace.steps) / 2)
    first = trace.steps[0]
    terms = own(first.proposals, first.x_t, first.t)
    torch.testing.assert_close(terms.sum(-1), first.energy, rtol=1e-4, atol=1e-3)
    assert terms.shape == first.proposals.x_0.shape


@pytest.mark.parametrize("sampler", [s for s in SAMPLERS if s not in ("speculative", "ar")])
def test_without_an_energy_every_sampler_that_corrects_is_mdlm(tales32, sampler):
    own = generate(tales32, Request(sampler, "none", CONFIG))[0].x_0
    if sampler not in ("remask", "confidence", "entropy"):
        assert torch.equal(own, generate(tales32, Request("mdlm", "none", CONFIG))[0].x_0)
    assert own.max() < tales32.tokenizer.vocab_size


@pytest.mark.parametrize(
    ("sampler", "energy"),
    [("smc", "nce"), ("smc", "coar"), ("speculative", "nce"), ("speculative", "text:smollm2"), ("smc", "ar+nce")],
)
def test_a_sampler_that_reads_token_by_token_refuses_an_energy_that_does_not(sampler, energy):
    with pytest.raises(ValueError, match=f"expected one of {', '.join(energies_of(sampler))} with {sampler}"):
        Request(sampler, energy, CONFIG)


@pytest.mark.parametrize("energy", ["foo", "ar+foo", "", "ar+", "text"])
def test_an_unknown_energy_is_refused(energy):
    with pytest.raises(ValueError, match="energy: expected one of none, ar, coar, nce, smollm2, text:<model>, got"):
        Request("edlm", energy, CONFIG)


def test_speculative_is_the_autoregressive_model_in_law_on_the_first_token(tales32):
    """Of 512 texts, the first tokens are as often each word as the model says."""
    config = SampleConfig(length=2, num_steps=2, num_candidates=2, num_chains=512)
    first = generate(tales32, Request("speculative", "ar", config))[0].x_0[:, 0]
    with torch.inference_mode():
        law = tales32.autoregressive.read(torch.zeros(1, 1, dtype=torch.long)).law(torch.tensor([0]), 0)[0].exp()
    best = law.topk(3)
    for token, p in zip(best.indices, best.values.tolist(), strict=True):
        seen = float((first == token).float().mean())
        assert abs(seen - p) < 4 * (p * (1 - p) / 512) ** 0.5


def test_a_sampler_without_a_timetable_has_no_branches(tales32):
    branch = Branch(2, torch.full((12,), tales32.tokenizer.mask_id))
    with pytest.raises(ValueError, match=r"branch: expected a run of mdlm, edlm, .*, got gibbs"):
        list(run_steps(tales32, Request("gibbs", "ar", CONFIG), Cost(), branch))
