"""Scores of language models against the definition: one prefix at a time."""

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from edlm_core.models import language_models
from edlm_core.models.language_models import PretrainedLanguageModel, TransformerLanguageModel
from edlm_core.models.transformer import KeyValueCache, Transformer, TransformerConfig

V, END = 11, 4


@pytest.fixture(scope="module")
def ours():
    torch.manual_seed(0)
    net = Transformer(TransformerConfig(V, 16, depth=2, heads=2, kv_heads=1, hidden=24, causal=True, dropout=0.5))
    with torch.no_grad():
        for p in net.parameters():  # far from the small start, where every law is nearly uniform
            p.copy_(torch.randn_like(p) * 0.3 + (p.ndim == 1))
    return TransformerLanguageModel(net.train(), V, END)  # left in training mode on purpose


@pytest.fixture(scope="module")
def pretrained():
    """A random model of 40 tokens, of which ours are the ids 2, 5, 8, …"""
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=40,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        intermediate_size=24,
        initializer_range=0.5,
    )
    return PretrainedLanguageModel(LlamaForCausalLM(shape).eval(), [2 + 3 * i for i in range(V)], END)


@pytest.fixture(scope="module")
def x_0():
    return torch.randint(V, (3, 6), generator=torch.Generator().manual_seed(2))


def test_a_tokens_score_is_its_log_probability_after_its_own_prefix(ours, x_0):
    scores = ours.token_log_probs(x_0)
    for b, n in [(0, 0), (1, 3), (2, 5)]:
        prefix = torch.cat([torch.tensor([END]), x_0[b, :n]])[None]
        expected = (ours.network(prefix)[0, -1] @ ours.network.embedding.weight.T).log_softmax(-1)[x_0[b, n]]
        assert float(scores[b, n]) == pytest.approx(expected.item(), abs=1e-5)
    assert scores.shape == (3, 6)
    assert scores.dtype == torch.float32


def test_the_next_tokens_law_by_cache_agrees_with_the_scores_of_whole_texts(ours, x_0):
    cache, last = KeyValueCache(2), torch.full((3,), END)
    for n in range(6):
        law = ours.next_log_probs(last, cache)
        torch.testing.assert_close(law.exp().sum(-1), torch.ones(3))
        last = x_0[:, n]
        expected = ours.token_log_probs(x_0)[:, n]
        torch.testing.assert_close(law.gather(1, last[:, None])[:, 0], expected, atol=1e-5, rtol=1e-5)


def test_a_pretrained_model_scores_our_ids_as_its_own_tokens_over_its_whole_vocabulary(pretrained, x_0):
    source = torch.tensor([2 + 3 * i for i in range(V)])
    read = source[torch.cat([torch.full((3, 1), END), x_0], 1)]
    logits = pretrained.model(read).logits[:, :-1]
    expected = logits.log_softmax(-1).gather(2, source[x_0][..., None])[..., 0]
    torch.testing.assert_close(pretrained.token_log_probs(x_0), expected.detach(), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("name", ["ours", "pretrained"])
@pytest.mark.parametrize("rows", [1, 5, 18])
def test_scores_do_not_depend_on_how_many_rows_meet_the_vocabulary_at_once(name, rows, x_0, monkeypatch, request):
    model = request.getfixturevalue(name)
    expected = model.token_log_probs(x_0)
    monkeypatch.setattr(language_models, "ROWS_OF_LOGITS", rows)
    torch.testing.assert_close(model.token_log_probs(x_0), expected)
