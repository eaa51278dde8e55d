"""The effect table of a card: paired by seed, in the same order whatever the batch."""

import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.measure.effect import effect, effect_requests
from edlm_core.measure.paired import mean_interval, paired_difference
from edlm_core.measure.sweep import cells, sweep
from edlm_core.runs import metrics


def plan(length=12, num=6, **grid):
    settings = {"steps": [3], "candidates": [4], "energies": ["ar"], "reveals": ["random"]} | grid
    return effect_requests(SampleConfig(length=length, num_chains=num), **settings)


def test_the_difference_to_mdlm_is_paired(tales):
    rows = list(effect(tales, plan(reveals=["random", "dilated"]), ["ar"]))
    assert [(r.sampler, r.steps, r.candidates, r.reveal) for r in rows] == [
        ("ar", 12, 1, "–"), ("mdlm", 12, 1, "random"), ("mdlm", 3, 1, "random"), ("edlm", 3, 4, "random"),
        ("mdlm", 3, 1, "dilated"), ("edlm", 3, 4, "dilated"),
    ]  # fmt: skip
    texts = list(cells(sweep(tales, plan(reveals=["random", "dilated"])[2:], ["ar"])))
    nll = [measures.judge_nll["ar"] for measures in texts]
    assert [bool(row.against_mdlm) for row in rows] == [False, False, False, True, True, True]
    for row, values in zip(rows[3:], nll[1:], strict=True):
        assert row.against_mdlm["ar"] == pytest.approx(paired_difference(values, nll[0]), abs=1e-4)


def test_a_judge_is_marked_where_it_wrote_the_text_or_decided_it(tiny):
    rows = list(effect(tiny, plan(num=2), ["ar"], reference=torch.zeros(2, 12, dtype=torch.long)))
    assert {(row.sampler, row.self_judged) for row in rows} == {
        ("real text", ()), ("ar", ("ar",)), ("mdlm", ()), ("edlm", ("ar",)),
    }  # fmt: skip


def test_a_row_counts_the_calls_of_sixteen_texts(tiny):
    few, many = (list(effect(tiny, plan(num=num), ["ar"])) for num in (16, 32))
    assert [row.denoiser_calls for row in few] == pytest.approx([12, 8, 3, 3], abs=1.5)
    assert [row.energy_calls for row in few] == [0, 0, 0, few[3].denoiser_calls]
    assert [row.denoiser_calls for row in many] == pytest.approx([row.denoiser_calls for row in few], abs=1.5)


def test_the_measures_of_a_row_are_those_of_its_texts(tiny):
    """Two real texts, known beforehand; a stand-in for the embedder gives every sentence one of two directions."""

    def embed(sentences):
        return torch.tensor([[1.0, 0] if "dog" in s else [0.6, 0.8] for s in sentences])

    texts = ["Tom saw a dog. The cat ran home.", "Tom saw a cat. He ran and ran. The"]
    ids = [tiny.tokenizer.encode(text) for text in texts]
    size = max(map(len, ids))
    ids = [row + tiny.tokenizer.encode(" dog") * (size - len(row)) for row in ids]
    row = next(effect(tiny, [], ["ar"], reference=torch.tensor(ids), embed=embed))
    decoded = [tiny.tokenizer.decode(x) for x in ids]
    assert (row.sampler, row.texts) == ("real text", 2)
    assert row.distinct_2 == metrics.distinct_n(decoded, 2)
    assert row.similarity == mean_interval([metrics.sentence_similarity(t, embed) for t in decoded])
    assert row.repeated_words[0] == pytest.approx(sum(map(metrics.repeated_words, decoded)) / 2)
    assert row.entropy[0] == pytest.approx(sum(map(metrics.token_entropy, ids)) / 2)


def test_without_an_embedder_or_neighbouring_sentences_there_is_no_similarity(tiny):
    ids = torch.tensor([tiny.tokenizer.encode("Tom saw a dog")] * 2)
    assert next(effect(tiny, [], ["ar"], reference=ids)).similarity is None
    assert next(effect(tiny, [], ["ar"], reference=ids, embed=lambda s: torch.ones(len(s), 1))).similarity is None
    ids[1, 1] = tiny.tokenizer.encode(".")[0]  # one text of two sentences has a figure and no interval
    assert next(effect(tiny, [], ["ar"], reference=ids, embed=lambda s: torch.ones(len(s), 1))).similarity is None
