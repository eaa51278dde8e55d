"""Likelihoods against enumeration: what is exact, what bounds it, and what the published figure is.

`Steps` is the independent truth for a chain: any denoiser and any energy, given as tables, every reveal schedule
and every K-tuple of candidates.
"""

import functools
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.config import SampleConfig
from edlm_core.measure.likelihood import ar_nll, mdlm_nelbo, nelbo_finite_k, paper_formula
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.worlds.candidates import resampled_law
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, ExactLanguageModel, chain_law, dilated_law
from edlm_core.worlds.world import World, random_world

LOG_LINEAR = LogLinearSchedule()
WORLD = random_world(2, 3, 0.5, seed=3)
V, L = WORLD.vocab_size, WORLD.length
TEXTS = torch.from_numpy(WORLD.sequences)


def number(x, base):
    """(..., L) tokens, the first one the most significant digit: the row of a table that is theirs."""
    return (x * base ** torch.arange(L - 1, -1, -1)).sum(-1)


class TableDenoiser:
    """Marginals that depend on x_t and belong to no joint: softmax of random logits, a table for each x_t."""

    vocab_size = V

    def __init__(self, seed=0):
        self.tables = np.random.default_rng(seed).dirichlet(np.ones(V), ((V + 1) ** L, L))

    def table(self, x_t):
        return self.tables[int("".join(map(str, x_t)), V + 1)]

    def __call__(self, x_t, t, masked):
        return torch.from_numpy(self.tables)[number(x_t, V + 1)][masked].log()


class TableEnergy:
    """An energy that reads x_0 and x_t and has nothing to do with either's probability."""

    def __init__(self, seed=1, spread=1.5):
        self.vocab_size = V
        self.values = np.random.default_rng(seed).normal(0, spread, (V**L, (V + 1) ** L, L))

    def terms(self, x_0, x_t):
        return self.values[int("".join(map(str, x_0)), V), int("".join(map(str, x_t)), V + 1)]

    def __call__(self, proposals, x_t, t):
        return torch.from_numpy(self.values)[number(proposals.x_0, V), number(x_t, V + 1)[:, None]]


class CoAutoregressiveEnergy:
    """-log p_AR(x_0^i | x_0^{<i}) + log p_theta over the masked positions alone: Z = 1."""

    def __init__(self, language_model, mask_id):
        self.language_model, self.mask_id, self.vocab_size = language_model, mask_id, mask_id

    def __call__(self, proposals, x_t, t):
        log_p = self.language_model.token_log_probs(proposals.x_0.flatten(0, 1)).view(proposals.x_0.shape)
        return (proposals.token_log_q - log_p) * (x_t == self.mask_id)[:, None]


class Steps:
    """log p(x) of the chain, and the bound's own expectation, for each text x and what of it is given."""

    def __init__(self, denoiser, energy, T, K, *, window=(0.0, 1.0), energy_temperature=1.0, reveals=None):
        self.denoiser, self.energy, self.T, self.K = denoiser, energy, T, K
        self.window, self.temperature = window, energy_temperature
        self.reveals = reveals or [(at, T**-L) for at in itertools.product(range(T), repeat=L)]
        self.step = functools.cache(self._step)

    def _candidates(self, x_t):
        masked = [i for i in range(L) if x_t[i] == V]
        table, found = self.denoiser.table(x_t), []
        for fill in itertools.product(range(V), repeat=len(masked)):
            x_0 = list(x_t)
            for i, token in zip(masked, fill, strict=True):
                x_0[i] = token
            weight = math.exp(-self.energy.terms(x_0, x_t).sum() / self.temperature)
            found.append((tuple(x_0), math.prod(table[i, x_0[i]] for i in masked), weight))
        return found

    def _step(self, x, x_t, shown, K):
        """(log p(x^S | x_t), E[log q(x^S) + log sum_m w(z_m') / (w(z_m') + sum of the others)])"""
        candidates = self._candidates(x_t)
        weight_of = {x_0: w for x_0, _, w in candidates}
        log_q = sum(math.log(self.denoiser.table(x_t)[i, x[i]]) for i in shown)
        p = bound = 0.0
        for drawn in itertools.product(candidates, repeat=K):
            share = math.prod(q for _, q, _ in drawn)
            w = [w for _, _, w in drawn]
            p += share * sum(w[k] for k, (x_0, _, _) in enumerate(drawn) if all(x_0[i] == x[i] for i in shown)) / sum(w)
            mine = [weight_of[tuple(x[i] if i in shown else a for i, a in enumerate(x_0))] for x_0, _, _ in drawn]
            bound += share * math.log(sum(a / (a + sum(w) - w[k]) for k, a in enumerate(mine)))
        return math.log(p), log_q + bound

    def answer(self, x, given=()):
        """-log p(x | given) and the expectation of the bound, in nats."""
        p = bound = 0.0
        for reveal_at, probability in self.reveals:
            log_p = log_bound = 0.0
            for n in sorted({at for i, at in enumerate(reveal_at) if i not in given}):
                x_t = tuple(V if i not in given and reveal_at[i] >= n else x[i] for i in range(L))
                shown = tuple(i for i in range(L) if i not in given and reveal_at[i] == n)
                inside = self.window[0] <= (self.T - n) / self.T <= self.window[1]
                step = self.step(tuple(x), x_t, shown, self.K if inside else 1)
                log_p, log_bound = log_p + step[0], log_bound + step[1]
            p += probability * math.exp(log_p)
            bound += probability * log_bound
        return -math.log(p), -bound


DENOISER, ENERGY = TableDenoiser(), TableEnergy()
SETTINGS = [
    {"T": 1, "K": 2},
    {"T": 1, "K": 3},
    {"T": 2, "K": 1},
    {"T": 2, "K": 2},
    {"T": 3, "K": 3},
    {"T": 3, "K": 2, "window": (0.5, 1.0)},
    {"T": 2, "K": 2, "energy_temperature": 2.5},
]


def config_of(T, K, **options):
    return SampleConfig(length=L, num_steps=T, num_candidates=K, **options)


# ── the bound of the sampler as it runs ──────────────────────────────────────────
@pytest.mark.parametrize("setting", SETTINGS)
def test_the_bound_lies_above_the_exact_nll_of_every_text_and_that_sums_to_one(setting):
    steps = Steps(DENOISER, ENERGY, **setting)
    answers = [steps.answer(x) for x in TEXTS.tolist()]
    assert sum(math.exp(-exact) for exact, _ in answers) == pytest.approx(1)
    assert all(bound >= exact - 1e-12 for exact, bound in answers)


@pytest.mark.parametrize("setting", SETTINGS)
def test_its_estimate_lies_in_its_interval_around_the_enumerated_expectation(setting):
    steps, config = Steps(DENOISER, ENERGY, **setting), config_of(**setting)
    expected = [steps.answer(x)[1] / L for x in TEXTS.tolist()]
    together = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config, TEXTS, draws=100)
    assert abs(together.mean - np.mean(expected)) < together.over_draws
    assert (together.kind, together.texts, together.draws) == ("upper bound", 8, 100)
    for x, truth in list(zip(TEXTS, expected, strict=True))[::3]:
        alone = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config, x[None], draws=800)
        assert abs(alone.mean - truth) < 1.5 * alone.over_draws  # three standard errors: there are 21 of these
        assert alone.over_draws < 0.1


def test_the_enumeration_is_that_of_the_exact_world():
    """The other truth, `chain_law`, knows only exact marginals; there the two agree."""

    class Denoiser(ExactDenoiser):
        def table(self, x_t):
            return self.world.marginals(x_t)

    class Energy:
        def terms(self, x_0, x_t):
            q = math.prod(WORLD.marginals(x_t)[i, x_0[i]] for i in range(L) if x_t[i] == V)
            return np.array([math.log(q) - math.log(WORLD.joint[WORLD.sequences.tolist().index(list(x_0))])])

    for T, K in ((1, 3), (2, 2), (3, 1)):
        steps = Steps(Denoiser(WORLD), Energy(), T, K)
        nll = [steps.answer(x)[0] for x in TEXTS.tolist()]
        np.testing.assert_allclose(nll, -np.log(chain_law(WORLD, LOG_LINEAR, T, K)), rtol=1e-9)


@pytest.mark.parametrize(("T", "K"), [(1, 8), (2, 4), (4, 8), (4, 64)])
def test_in_an_exact_world_the_mean_over_its_texts_lies_above_the_samplers_exact_cross_entropy(T, K):
    world = random_world(3, 3, 0.15, seed=0)
    x_0 = texts_of(world, 300)
    law = chain_law(world, LOG_LINEAR, T, K)
    bound = nelbo_finite_k(ExactDenoiser(world), ExactEnergy(world), LOG_LINEAR, config_of(T, K), x_0)
    exact = [-math.log(law[int(a * 9 + b * 3 + c)]) / 3 for a, b, c in x_0]
    assert np.mean(exact) < bound.mean + bound.over_draws
    assert bound.mean < np.mean(exact) + 0.5


@pytest.mark.parametrize(("K", "tolerance"), [(1, 1e-12), (512, 0.03)])
def test_one_step_of_one_candidate_is_q_and_of_ever_more_the_target(K, tolerance):
    world = random_world(2, 3, 1.0, seed=1)
    bound = nelbo_finite_k(ExactDenoiser(world), ExactEnergy(world), LOG_LINEAR, config_of(1, K), TEXTS, draws=4)
    law = world.factorised((2, 2, 2)) if K == 1 else world.joint
    assert bound.mean == pytest.approx(-np.log(law).mean() / L, abs=tolerance)


@pytest.mark.parametrize("K", [1, 2, 5, 16])
def test_the_law_of_a_draw_among_k_sums_to_one_and_its_bound_lies_below_it(K):
    """q_K itself, whole texts in one step: log q_K(x) >= log q(x) + E[log K w(x) / (w(x) + K - 1 others)]."""
    world = random_world(2, 3, 0.5, seed=3)
    q = world.factorised((2, 2, 2))
    law = resampled_law(q, np.log(world.joint) - np.log(q), K)
    assert law.sum() == pytest.approx(1)
    for x, log_p in zip(TEXTS, np.log(law), strict=True):
        bound = nelbo_finite_k(
            ExactDenoiser(world), ExactEnergy(world), LOG_LINEAR, config_of(1, K), x[None], draws=200
        )
        assert -bound.mean * L <= log_p + 1e-9 + bound.over_draws * L * (K > 1)


def test_one_candidate_leaves_the_energy_without_a_say():
    config = config_of(3, 1)
    plain = nelbo_finite_k(DENOISER, TableEnergy(spread=0.0), LOG_LINEAR, config, TEXTS)
    assert nelbo_finite_k(DENOISER, TableEnergy(spread=9.0), LOG_LINEAR, config, TEXTS).mean == pytest.approx(
        plain.mean
    )


def test_what_is_given_is_no_part_of_the_score():
    given = (1,)
    steps = Steps(DENOISER, ENERGY, 2, 2)
    scored = torch.tensor([True, False, True])
    for x in TEXTS[[0, 5]]:
        bound = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config_of(2, 2), x[None], scored=scored, draws=300)
        exact, expected = steps.answer(x.tolist(), given)
        assert abs(bound.mean - expected / 2) < 1.5 * bound.over_draws
        assert expected >= exact


def test_an_order_that_keeps_neighbours_apart_has_its_own_bound():
    T = 2
    orders = [(0, 1, 0), (1, 0, 1)]
    steps = Steps(DENOISER, ENERGY, T, 2, reveals=[(at, 0.5) for at in orders])
    config = config_of(T, 2, reveal="dilated")
    bound = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config, TEXTS, draws=100)
    expected = [steps.answer(x) for x in TEXTS.tolist()]
    assert abs(bound.mean - np.mean([b for _, b in expected]) / L) < bound.over_draws
    assert all(b > exact for exact, b in expected)
    law = dilated_law(WORLD, T, 2)
    assert law.sum() == pytest.approx(1)


def test_a_tempered_denoiser_is_scored_as_it_draws():
    tempered = TableDenoiser()
    tempered.tables = tempered.tables**2 / (tempered.tables**2).sum(-1, keepdims=True)
    config = config_of(2, 3)
    expected = nelbo_finite_k(tempered, ENERGY, LOG_LINEAR, config, TEXTS)
    got = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, replace(config, temperature=0.5), TEXTS)
    assert got.mean == pytest.approx(expected.mean)


def test_a_texts_bound_does_not_depend_on_the_texts_beside_it(monkeypatch):
    config = config_of(2, 3, seed=7)
    together = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config, TEXTS[:5], draws=1).mean
    alone = [
        nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, replace(config, seed=7 + n), TEXTS[n : n + 1], draws=1).mean
        for n in range(5)
    ]
    assert together == pytest.approx(np.mean(alone))
    monkeypatch.setattr("edlm_core.measure.likelihood.ROWS", 12)  # two texts at a time
    assert nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config, TEXTS[:5], draws=1).mean == pytest.approx(together)


# ── the published figure ─────────────────────────────────────────────────────────
def texts_of(world, count, seed=0):
    rows = np.random.default_rng(seed).choice(len(world.joint), size=count, p=world.joint)
    return torch.from_numpy(world.sequences[rows])


def formula(world):
    """E over texts and t of (1/t) · -log p(x_0 | x_t), p the world's own posterior, by quadrature over t."""
    nodes, gauss = np.polynomial.legendre.leggauss(20)
    total, mask = 0.0, world.vocab_size
    for hidden in itertools.product([False, True], repeat=world.length):
        n = sum(hidden)
        weight = sum(
            share / 2 * t ** (n - 1) * (1 - t) ** (world.length - n)
            for t, share in zip((nodes + 1) / 2, gauss, strict=True)
        )
        for x, p in zip(world.sequences.tolist(), world.joint, strict=True):
            if n and p > 0:
                x_t = tuple(mask if gone else token for token, gone in zip(x, hidden, strict=True))
                total -= weight * p * math.log(p / world.joint[world.completions(x_t)].sum())
    return total


def test_the_published_figure_of_a_perfect_model_falls_below_the_entropy_of_the_data():
    """The case of the method: 1.570 nats against 2.083, so no bound."""
    world = random_world(3, 3, 0.15, seed=0)
    entropy = -(world.joint * np.log(world.joint)).sum()
    assert (round(formula(world), 3), round(entropy, 3)) == (1.570, 2.083)
    answer = paper_formula(ExactDenoiser(world), ExactEnergy(world), texts_of(world, 3000), z_draws=64, draws=2)
    interval = 3 * answer.nll.over_texts
    assert 3 * answer.with_lower - interval < formula(world) < 3 * answer.with_upper + interval
    assert 3 * answer.nll.mean == pytest.approx(formula(world), abs=interval)
    assert 3 * answer.with_upper + interval < entropy
    assert answer.nll.kind == "not a bound"


def test_less_of_log_z_makes_the_text_look_likelier():
    world = random_world(3, 3, 1.0, seed=0)
    answer = paper_formula(ExactDenoiser(world), ExactEnergy(world), texts_of(world, 500), z_draws=4)
    assert answer.with_lower < answer.nll.mean < answer.with_upper
    assert answer.log_z.lower[0] < answer.log_z.upper[0]
    assert answer.log_z.draws == 4


@pytest.mark.parametrize(("count", "draws"), [(1, 100), (60, 6)])
def test_with_the_coar_energy_its_mean_is_the_autoregressive_nll_on_any_model_and_text(count, draws):
    """The denoiser cancels, whatever it is; each token is counted with weight 1/t and masked a share t of times."""
    language_model = ExactLanguageModel(random_world(2, 3, 1.0, seed=9))
    x_0 = TEXTS[torch.randint(8, (count,), generator=torch.Generator().manual_seed(0))]
    energy = CoAutoregressiveEnergy(language_model, V)
    exact, errors = ar_nll(language_model, x_0).mean, []
    for seed in range(40):
        answer = paper_formula(DENOISER, energy, x_0, z_draws=0, draws=draws, seed=seed)
        assert answer.log_z is None
        assert answer.with_lower == answer.with_upper == pytest.approx(answer.nll.mean)
        errors.append((answer.nll.mean - exact) / answer.nll.over_draws)
    assert sum(abs(error) < 1 for error in errors) >= 36  # 38 of 40 are expected
    assert abs(np.mean(errors)) < 1 / math.sqrt(40)


def test_the_coar_identity_holds_on_the_trained_models(tales32):
    x_0 = torch.randint(tales32.tokenizer.vocab_size, (12, 16), generator=torch.Generator().manual_seed(0))
    language_model = tales32.autoregressive
    energy = CoAutoregressiveEnergy(language_model, tales32.tokenizer.mask_id)
    answer = paper_formula(tales32.denoiser, energy, x_0, z_draws=0, draws=16)
    assert abs(answer.nll.mean - ar_nll(language_model, x_0).mean) < answer.nll.over_draws
    assert answer.nll.over_draws < 0.05 * answer.nll.mean


def test_the_coar_energy_has_no_normaliser():
    energy = CoAutoregressiveEnergy(ExactLanguageModel(random_world(2, 3, 1.0, seed=9)), V)
    answer = paper_formula(DENOISER, energy, TEXTS, z_draws=2000, draws=4)
    assert answer.log_z.lower[0] == pytest.approx(0, abs=0.02)


# ── the denoiser alone, the language model alone ─────────────────────────────────
@pytest.mark.parametrize("count", [1, 8])
def test_the_nelbo_is_the_integral_over_t(count):
    """By quadrature over t and every mask, for marginals that belong to no joint."""
    nodes, gauss = np.polynomial.legendre.leggauss(20)
    expected = np.zeros(count)
    for n, x in enumerate(TEXTS[:count].tolist()):
        for hidden in itertools.product([False, True], repeat=L):
            table = DENOISER.table([V if gone else token for token, gone in zip(x, hidden, strict=True)])
            log_p = sum(math.log(table[i, x[i]]) for i in range(L) if hidden[i])
            for t, share in zip((nodes + 1) / 2, gauss / 2, strict=True):
                expected[n] -= share / t * t ** sum(hidden) * (1 - t) ** (L - sum(hidden)) * log_p
    answer = mdlm_nelbo(DENOISER, TEXTS[:count], draws=2000 // count)
    assert abs(answer.mean - expected.mean() / L) < answer.over_draws < 0.05


def test_ever_smaller_steps_of_the_sampler_lead_to_the_nelbo():
    fine = nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config_of(512, 1), TEXTS, draws=40)
    limit = mdlm_nelbo(DENOISER, TEXTS, draws=400)
    assert abs(fine.mean - limit.mean) < fine.over_draws + limit.over_draws


def test_of_exact_marginals_the_nelbo_is_the_nll_itself():
    answer = mdlm_nelbo(ExactDenoiser(WORLD), TEXTS, draws=300)
    assert abs(answer.mean + np.log(WORLD.joint).mean() / L) < answer.over_draws


def test_intervals_cover_the_truth_19_times_in_20():
    """For these very texts, by draws; and for the world that they come from, by texts."""
    truth = -np.log(WORLD.joint).mean() / L
    runs = [mdlm_nelbo(ExactDenoiser(WORLD), TEXTS, draws=12, seed=seed) for seed in range(150)]
    covered = sum(abs(run.mean - truth) < run.over_draws for run in runs)
    assert covered / 150 >= 0.9  # strata make the noise smaller than independent draws, the interval a little wide
    entropy = -(WORLD.joint * np.log(WORLD.joint)).sum() / L
    runs = [ar_nll(ExactLanguageModel(WORLD), texts_of(WORLD, 80, seed)) for seed in range(300)]
    covered = sum(abs(run.mean - entropy) < run.over_texts for run in runs)
    assert covered / 300 == pytest.approx(0.94, abs=0.04)
    assert {(run.kind, run.over_draws, run.draws) for run in runs} == {("exact", 0.0, 0)}


def test_the_autoregressive_nll_is_that_of_every_token_on_its_own(tales):
    windows = torch.randint(tales.tokenizer.vocab_size, (3, 8), generator=torch.Generator().manual_seed(0))
    total = 0.0
    for row in windows:
        for n in range(8):  # one prefix at a time: no causal mask, no batch
            prefix = torch.cat([torch.tensor([tales.tokenizer.end_of_text]), row[:n]])[None]
            logits = tales.autoregressive.network.logits(tales.autoregressive.network(prefix)[0, -1], 3968)
            total -= float(logits.log_softmax(-1)[row[n]])
    assert ar_nll(tales.autoregressive, windows).mean == pytest.approx(total / 24, rel=0.02)


def test_a_prompt_is_context_to_the_autoregressive_nll():
    language_model = ExactLanguageModel(WORLD)
    scored = torch.tensor([[False, True, True]])
    first = {0: 0.0, 1: 0.0}
    for x, p in zip(TEXTS.tolist(), WORLD.joint, strict=True):
        first[x[0]] += p
    expected = np.mean([-math.log(p / first[x[0]]) / 2 for x, p in zip(TEXTS.tolist(), WORLD.joint, strict=True)])
    assert ar_nll(language_model, TEXTS, scored=scored).mean == pytest.approx(expected)


def test_the_nelbo_of_real_text_lies_below_that_of_scrambled_text(tales):
    text = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park."
    ids = torch.tensor(tales.tokenizer.encode(text))
    scrambled = ids[torch.randperm(len(ids), generator=torch.Generator().manual_seed(0))]
    good, bad = (mdlm_nelbo(tales.denoiser, x[None], draws=32) for x in (ids, scrambled))
    assert good.mean + good.over_draws < bad.mean - bad.over_draws
    assert math.isfinite(bad.mean)


# ── refusals ─────────────────────────────────────────────────────────────────────
MEASURES = {
    "ar_nll": lambda x, **given: ar_nll(ExactLanguageModel(WORLD), x, **given),
    "mdlm_nelbo": lambda x, **given: mdlm_nelbo(DENOISER, x, **given),
    "paper_formula": lambda x, **given: paper_formula(DENOISER, ENERGY, x, z_draws=4, **given),
    "nelbo_finite_k": lambda x, **given: nelbo_finite_k(DENOISER, ENERGY, LOG_LINEAR, config_of(2, 2), x, **given),
}


@pytest.mark.parametrize("measure", MEASURES)
def test_a_text_with_nothing_to_score_is_refused(measure):
    nothing = torch.tensor([[True, True, True], [False, False, False]])
    for x, given in (
        (TEXTS[:0], {}),
        (TEXTS[:, :0], {}),
        (TEXTS[:2], {"scored": nothing}),
        (TEXTS, {"scored": nothing[1]}),
    ):
        with pytest.raises(ValueError, match="text: expected at least one token to score in each, got none"):
            MEASURES[measure](x, **given)


@pytest.mark.parametrize("measure", MEASURES)
def test_an_unfinished_text_is_refused(measure):
    with pytest.raises(ValueError, match="text: expected token ids below 2, got 2: give a finished text"):
        MEASURES[measure](torch.tensor([[0, 1, V]]))


def test_an_energy_of_another_vocabulary_is_refused_naming_both():
    other = World(np.full(27, 1 / 27), 3, 3)
    with pytest.raises(ValueError, match="energy: expected the denoiser's 2 tokens, got an energy of 3"):
        paper_formula(DENOISER, ExactEnergy(other), TEXTS, z_draws=4)
    with pytest.raises(ValueError, match="energy: expected the denoiser's 2 tokens, got an energy of 3"):
        nelbo_finite_k(DENOISER, ExactEnergy(other), LOG_LINEAR, config_of(2, 2), TEXTS)
