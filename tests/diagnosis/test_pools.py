"""A step asked again says what the run said, and more of the same."""

import numpy as np
import pytest
import torch

from edlm_core.config import Request, SampleConfig
from edlm_core.diagnosis import sign_check
from edlm_core.diagnosis.pools import BiggerPool, Standpoint
from edlm_core.diagnosis.sign_check import SignCheck
from edlm_core.diagnosis.substitution import Substitutions
from edlm_core.method.importance import ImportanceWeights
from edlm_core.runs.steps import generate, x_T_of

CONFIG = SampleConfig(length=14, num_steps=4, num_candidates=6, temperature=0.9, energy_temperature=1.5, seed=3)
REQUEST = Request("edlm", "ar", CONFIG, "Tom ___ ran")


@pytest.fixture(scope="module")
def trace(tiny):
    return generate(tiny, REQUEST)[0]


def finished(work):
    shares = list(work.steps())
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    return work.result()


# ── more drafts ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("count", [6, 40, 64])
def test_the_first_of_a_bigger_pool_are_the_drafts_of_the_run(tiny, trace, count):
    for record in trace.steps:
        pool = finished(BiggerPool(tiny, REQUEST, record.x_t[0], int(record.step), count))
        assert len(pool.candidate) == count
        assert pool.candidate[:6].tolist() == record.proposals.x_0[0].tolist()
        np.testing.assert_allclose(pool.energy[:6], record.energy[0], atol=1e-3)
        np.testing.assert_allclose(pool.parts.sum(1), pool.log_w * CONFIG.energy_temperature, atol=1e-9)
        assert pool.t == pytest.approx(float(record.t))
        assert (pool.masked == record.masked[0].numpy()).all()


def test_a_pool_can_be_looked_at_while_it_grows(tiny, trace):
    work = BiggerPool(tiny, REQUEST, trace.steps[0].x_t[0], int(trace.steps[0].step), 80)
    sizes = [len(work.result().candidate) for _ in work.steps()]
    assert sizes == [32, 64, 80]
    whole = work.result()
    w = np.exp(whole.log_w - whole.log_w.max())
    np.testing.assert_allclose(whole.weight, w / w.sum())
    assert all(whole.words[int(i)] == tiny.tokenizer.word(int(i)) for i in whole.candidate.ravel())


def test_with_the_rest_held_only_the_asked_positions_vary(tiny, trace):
    record = trace.steps[0]
    rest = record.proposals.x_0[0, int(record.chosen)]
    at = Standpoint(tiny, REQUEST, record.x_t[0], int(record.step))
    x_0 = at.draw(20, vary=record.revealed[0], rest=rest)
    held = ~record.revealed[0]
    assert (x_0[:, held] == rest[held]).all()
    free = record.revealed[0]
    assert (x_0[:6, free] == record.proposals.x_0[0, :, free]).all()  # the run's own noise
    assert len(x_0.unique(dim=0)) > 10


# ── one word changed ─────────────────────────────────────────────────────────────
def log_w_of(tiny, record, x_0):
    at = Standpoint(tiny, REQUEST, record.x_t[0], int(record.step))
    return ImportanceWeights.from_energy(at.score(x_0[None])[1].sum(-1)).log_w[0]


def test_a_row_sums_to_the_leave_one_out_effect(tiny, trace):
    record = trace.steps[1]
    one, other = record.proposals.x_0[0, 0], record.proposals.x_0[0, 1]
    table = finished(Substitutions(tiny, REQUEST, record.x_t[0], int(record.step), one, other))
    for i in range(CONFIG.length):
        changed = one.clone()
        changed[i] = other[i]
        expected = log_w_of(tiny, record, one) - log_w_of(tiny, record, changed)
        assert table[i].sum() == pytest.approx(float(expected), abs=1e-3)
        assert bool(table[i].any()) == bool(one[i] != other[i])


def test_an_autoregressive_energy_answers_to_the_right_only(tiny, trace):
    record = trace.steps[0]
    table = finished(Substitutions(tiny, REQUEST, record.x_t[0], int(record.step), record.proposals.x_0[0, 2]))
    assert np.abs(np.tril(table, -1)).max() < 1e-5
    masked = record.masked[0].numpy()
    assert (table[masked].any(1)).all()
    assert not table[~masked].any()


def test_what_is_put_in_is_the_likeliest_other_token(tiny, trace):
    record = trace.steps[0]
    draft = record.proposals.x_0[0, 2]
    work = Substitutions(tiny, REQUEST, record.x_t[0], int(record.step), draft)
    for row, i in enumerate(record.masked[0].nonzero()[:, 0].tolist()):
        order = record.log_probs[row].argsort(descending=True).tolist()
        assert int(work.other[i]) == next(token for token in order if token != int(draft[i]))


# ── the sign ─────────────────────────────────────────────────────────────────────
PLAIN = Request("edlm", "ar", SampleConfig(length=40, num_steps=8, num_candidates=4))


@pytest.fixture(scope="module")
def story(tales):
    ids = tales.tokenizer.encode(
        "Once upon a time, there was a little girl named Lily. She loved to play with her ball in the park. One day, "
        "she saw a big dog. The dog was very sad. Lily wanted to help the dog, so she gave it her ball."
    )
    return torch.tensor(ids[:40])


def test_a_story_is_told_from_its_words_in_disorder(tales, story):
    sign = finished(SignCheck(tales, PLAIN, story))
    assert sign.of == sign_check.SCRAMBLES
    assert sign.separates


class Flipped:
    """The published fault: the energy with the other sign."""

    def __init__(self, energy):
        self.energy = energy

    def __call__(self, *args):
        return self.energy(*args) * -1


def test_the_other_sign_is_noticed(tales, story, monkeypatch):
    from edlm_core.diagnosis import pools

    right = pools.energy_by_name
    monkeypatch.setattr(pools, "energy_by_name", lambda model, name: Flipped(right(model, name)))
    assert not finished(SignCheck(tales, PLAIN, story)).separates


def test_only_what_the_run_wrote_is_scrambled(tales, story):
    request = Request("edlm", "ar", SampleConfig(length=40), "Once upon a time")
    fixed = x_T_of(tales, request) != tales.tokenizer.mask_id
    work = SignCheck(tales, request, story)
    assert (work.texts[:, fixed] == story[fixed]).all()
    assert (work.texts[1:].sort(dim=1).values == story.sort().values).all()
