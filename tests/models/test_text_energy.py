"""Scoring on decoded text: the terms of a text sum to what the model itself gives it, whatever our tokens are."""

import pytest
import torch
from tokenizers import Tokenizer as HFTokenizer
from tokenizers import decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from edlm_core.models.pretrained import MissingModel
from edlm_core.models.text_energy import load_text_model

TEXTS = ["Tom saw a cat. It was big.", "Lily said, “I like cake!” and ran.", "One day, a little dog 🐶 ran home"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A random causal LM whose tokens are single bytes, saved as any checkpoint is."""
    path = tmp_path_factory.mktemp("reader")
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    byte_level = HFTokenizer(models.BPE(vocab={c: n for n, c in enumerate([*alphabet, "<s>"])}, merges=[]))
    byte_level.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    byte_level.decoder = decoders.ByteLevel()
    PreTrainedTokenizerFast(tokenizer_object=byte_level, bos_token="<s>").save_pretrained(path)
    torch.manual_seed(0)
    shape = LlamaConfig(
        vocab_size=257,
        hidden_size=16,
        intermediate_size=24,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=256,
    )
    model = LlamaForCausalLM(shape)
    for p in model.parameters():
        p.data.mul_(8)  # far from uniform
    model.save_pretrained(path, safe_serialization=True)
    return path


@pytest.fixture(scope="module")
def reader(folder, tiny):
    return load_text_model(str(folder), tiny.tokenizer, torch.device("cpu"), torch.float32)


def rows_of(tokenizer, texts, length=20):
    return torch.tensor([(tokenizer.encode(text) * 3)[:length] for text in texts])


def whole(reader, text):
    """log p of a text, byte by byte."""
    ids = torch.tensor([[reader.first, *reader.reader(text, add_special_tokens=False)["input_ids"]]])
    with torch.inference_mode():
        log_p = reader.model(input_ids=ids).logits[0, :-1].log_softmax(-1)
    return float(log_p.gather(1, ids[0, 1:, None]).sum())


def test_the_terms_of_each_text_sum_to_its_log_probability_alone_or_in_a_batch(reader, tiny):
    rows = rows_of(tiny.tokenizer, TEXTS)
    together = reader.token_log_probs(rows)
    assert together.shape == rows.shape
    for row, terms in zip(rows, together, strict=True):
        assert float(terms.sum()) == pytest.approx(whole(reader, tiny.tokenizer.decode(row.tolist())), rel=1e-4)
        torch.testing.assert_close(reader.token_log_probs(row[None])[0], terms, rtol=1e-4, atol=1e-3)


def test_a_change_of_one_token_leaves_the_terms_before_it_alone(reader, tiny):
    rows = rows_of(tiny.tokenizer, [TEXTS[0], TEXTS[0]])
    rows[1, 6] = tiny.tokenizer.encode(" dog")[0]
    a, b = reader.token_log_probs(rows)
    torch.testing.assert_close(a[:6], b[:6])
    assert (a[6:] != b[6:]).any()


def test_one_tokens_term_is_that_of_its_own_bytes(reader, tiny):
    row = torch.tensor([tiny.tokenizer.encode("Tom saw a cat.")])
    terms = reader.token_log_probs(row)[0]
    prefix = "".join(tiny.tokenizer.spell(i) for i in row[0, :2].tolist())
    longer = prefix + tiny.tokenizer.spell(int(row[0, 2]))
    assert float(terms[2]) == pytest.approx(whole(reader, longer) - whole(reader, prefix), rel=1e-3, abs=1e-3)


def test_broken_characters_are_read_too(reader, tiny):
    row = torch.tensor([tiny.tokenizer.encode("a “b” 🐶 c")[:-3]])
    assert reader.token_log_probs(row).isfinite().all()


def test_a_text_longer_than_the_model_reads_is_refused(reader, tiny):
    with pytest.raises(ValueError, match="expected at most 256 of its tokens"):
        reader.token_log_probs(rows_of(tiny.tokenizer, TEXTS[:1]).repeat(1, 6))


def test_a_model_that_is_not_there_is_named_with_the_way_out(tiny, tmp_path):
    for name, where in ((str(tmp_path), "in that folder"), ("nobody/nothing", "on this machine")):
        with pytest.raises(MissingModel, match=f"safetensors {where}, got .*give a folder that holds one"):
            load_text_model(name, tiny.tokenizer, torch.device("cpu"), torch.float32)
