"""The left-to-right baseline against a loop without a cache, and against its law by enumeration."""

import itertools

import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.method.autoregressive import autoregressive_steps
from edlm_core.method.noise import TOKENS, uniforms
from edlm_core.method.sampling import finish
from edlm_core.models.language_models import TransformerLanguageModel
from edlm_core.models.transformer import Transformer, TransformerConfig
from tests.goodness import counts_of, p_value

V = 3


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(1)
    net = Transformer(TransformerConfig(V, 16, depth=2, heads=2, kv_heads=1, hidden=24, causal=True))
    with torch.no_grad():
        for p in net.parameters():  # far from the small start, where every law is nearly uniform
            p.copy_(torch.randn_like(p) * 0.3 + (p.ndim == 1))
    return TransformerLanguageModel(net, V, end_of_text=0)


def write(model, config, x_T=None):
    return finish(V, config, tuple(autoregressive_steps(model, config, x_T=x_T)), x_T=x_T)


@pytest.mark.parametrize("temperature", [0.5, 1.0])
def test_it_writes_what_rereading_the_whole_prefix_for_every_token_writes(model, temperature):
    config = SampleConfig(length=6, num_chains=8, seed=5, temperature=temperature)
    x_T = torch.full((8, 6), V)
    x_T[2:, 3], x_T[4:, 0] = 1, 2
    x_0 = write(model, config, x_T).x_0
    for b in range(8):
        text = x_T[b].tolist()
        for n in range(6):
            if text[n] != V:
                continue
            prefix = torch.tensor([[0, *text[:n]]])
            logits = (model.network(prefix)[0, -1] @ model.network.embedding.weight.T).double() / temperature
            u = uniforms(5 + b, TOKENS, n, (1, 1)).item()
            text[n] = int((logits.softmax(-1).cumsum(-1) <= u).sum())
        assert x_0[b].tolist() == text


def test_its_law_is_the_product_of_its_conditionals(model):
    texts = torch.tensor(list(itertools.product(range(V), repeat=2)))
    law = model.token_log_probs(texts).sum(-1).exp()
    counts = counts_of(lambda one: write(model, one).x_0, SampleConfig(length=2, num_chains=512), V)
    assert p_value(counts, law / law.sum()) > 1e-3


def test_what_stands_to_the_right_of_a_blank_does_not_influence_it(model):
    config = SampleConfig(length=4, num_chains=64)
    right = torch.tensor([[V, V, 0, 1]] * 32 + [[V, V, 2, 2]] * 32)
    assert torch.equal(write(model, config, right).x_0[:, :2], write(model, config).x_0[:, :2])


def test_what_stands_to_the_left_of_a_blank_does(model):
    config = SampleConfig(length=4, num_chains=64)
    one, other = (write(model, config, torch.tensor([a, a, V, V])).x_0[:, 2:] for a in (0, 2))
    assert not torch.equal(one, other)


def test_it_takes_one_step_for_each_blank_position_from_left_to_right(model):
    x_T = torch.tensor([[V, 1, V, 0, V], [V, 1, 2, 0, V]])
    records = list(autoregressive_steps(model, SampleConfig(length=5, num_chains=2), x_T=x_T))
    assert [r.step[0].item() for r in records] == [0, 2, 4]
    assert [r.chains.tolist() for r in records] == [[0, 1], [0], [0, 1]]
    assert [float(r.t[0]) for r in records] == pytest.approx([1, 0.6, 0.2])


def test_a_record_holds_the_law_it_drew_from_and_the_token_it_drew(model):
    config = SampleConfig(length=4, num_chains=5)
    trace = write(model, config)
    for n, r in enumerate(trace.steps):
        torch.testing.assert_close(r.log_probs.exp().sum(-1), torch.ones(5))
        drawn = r.x_s[:, n]
        torch.testing.assert_close(r.proposals.log_q[:, 0], r.log_probs.gather(1, drawn[:, None])[:, 0])
        assert torch.equal(r.proposals.x_0[:, 0, : n + 1], r.x_s[:, : n + 1])
        assert r.revealed.nonzero()[:, 1].tolist() == [n] * 5
        assert (r.x_t[:, n:] == V).all()
        assert (r.x_s[:, n + 1 :] == V).all()
    assert torch.equal(trace.steps[-1].x_s, trace.x_0)


@pytest.mark.parametrize("b", range(3))
def test_a_chain_writes_the_same_whatever_else_is_in_the_batch(model, b):
    x_T = torch.tensor([[V, V, V, V], [V, 2, V, V], [1, V, V, 0]])
    together = write(model, SampleConfig(length=4, num_chains=3, seed=20), x_T).x_0
    assert torch.equal(write(model, SampleConfig(length=4, seed=20 + b), x_T[b]).x_0[0], together[b])
