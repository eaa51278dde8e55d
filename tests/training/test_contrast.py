"""The learned energy: in a world that can be enumerated it becomes the log-ratio that the method asks for."""

import itertools
import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from edlm_core.__main__ import main
from edlm_core.config import SampleConfig
from edlm_core.method.proposals import Proposals
from edlm_core.method.sampling import sample
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.models.checkpoints import load_model
from edlm_core.models.denoisers import TransformerDenoiser
from edlm_core.models.learned_energy import LearnedEnergy, pair_energy
from edlm_core.models.transformer import PairTransformer, Transformer, TransformerConfig
from edlm_core.training.contrast import LOGIT_EDGES, Contrast, contrast, report_contrast
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy
from edlm_core.worlds.world import random_world, total_variation
from tests.goodness import p_value

WORLD = random_world(2, 3, 1.0, seed=1)
MASK = WORLD.vocab_size


def pair_net(width=32, depth=2, inputs=MASK + 1):
    torch.manual_seed(0)
    return PairTransformer(TransformerConfig(inputs, width, depth, heads=4, kv_heads=2, hidden=2 * width))


def texts(count, generator):
    rows = torch.multinomial(torch.from_numpy(WORLD.joint), count, replacement=True, generator=generator)
    return torch.from_numpy(WORLD.sequences)[rows]


def every_pair():
    """(x_t, its completions) where two positions or more are masked: a single one is drawn without error."""
    for x_t in itertools.product(range(MASK + 1), repeat=WORLD.length):
        rows = WORLD.completions(x_t)
        if x_t.count(MASK) > 1:
            yield torch.tensor([x_t]), torch.from_numpy(WORLD.sequences[rows])[None]


def bayes_loss():
    """The least binary loss there is, exactly: E[log(1 + q/p)] under the data's posterior p plus E[log(1 + p/q)]
    under the denoiser's q, over every x_t, t uniform by quadrature."""
    nodes, gauss = np.polynomial.legendre.leggauss(40)
    total = 0.0
    for t, share in zip((nodes + 1) / 2, gauss / 2, strict=True):
        for x_t in itertools.product(range(MASK + 1), repeat=WORLD.length):
            rows = WORLD.completions(x_t)
            masked = sum(token == MASK for token in x_t)
            p = WORLD.joint[rows]
            seen = p.sum() * t**masked * (1 - t) ** (WORLD.length - masked)
            if seen > 0:
                p, q = p / p.sum(), WORLD.factorised(x_t)
                with np.errstate(divide="ignore", invalid="ignore"):
                    real = np.where(p > 0, p * np.log1p(q / p), 0).sum()
                    drawn = np.where(q > 0, q * np.log1p(p / q), 0).sum()
                total += share * seen * (real + drawn)
    return total


def once_each(network):
    """The network, reading what stands in many rows of a batch once: the world has but 216 pairs."""

    def read(x_0, x_t):
        pairs, place = torch.cat([x_0, x_t], 1).unique(dim=0, return_inverse=True)
        return network(*pairs.split(WORLD.length, 1))[place]

    return read


@pytest.fixture(scope="module")
def learned():
    """A network trained in the world, and its losses."""
    network, generator = pair_net(), torch.Generator().manual_seed(1)
    steps = 1000
    adam = torch.optim.Adam(network.parameters(), lr=5e-3)
    fall = torch.optim.lr_scheduler.LinearLR(adam, 1, 0.01, steps)
    denoiser, schedule, losses = ExactDenoiser(WORLD), LogLinearSchedule(), []
    for _ in range(steps):
        loss = contrast(once_each(network), denoiser, texts(512, generator), schedule, 2, generator).binary_loss()
        adam.zero_grad()
        loss.backward()
        adam.step()
        fall.step()
        losses.append(loss.item())
    return network.eval(), losses


def test_trained_in_a_world_it_becomes_the_log_ratio_of_data_and_denoiser(learned):
    energy, truth = LearnedEnergy(learned[0], MASK), ExactEnergy(WORLD)
    ours, exact, share = [], [], []
    for x_t, x_0 in every_pair():
        log_q = torch.from_numpy(WORLD.factorised(tuple(x_t[0].tolist()))).log()
        proposals = Proposals(x_0, torch.zeros(x_0.shape, dtype=torch.float64))
        theirs = truth(proposals, x_t, torch.ones(1)).sum(-1) + log_q
        mine, weight = energy(proposals, x_t, torch.ones(1)).sum(-1).double(), log_q.exp()[None]
        ours += (mine - (weight * mine).sum()).flatten().tolist()  # up to a term in x_t alone
        exact += (theirs - (weight * theirs).sum()).flatten().tolist()
        share += (weight / weight.sum()).flatten().tolist()
    ours, exact, share = map(np.array, (ours, exact, share))
    rank = lambda values: values.argsort().argsort()  # noqa: E731
    assert np.corrcoef(rank(ours), rank(exact))[0, 1] > 0.98
    assert math.sqrt(np.average((ours - exact) ** 2, weights=share)) < 0.1


def test_its_loss_comes_to_within_a_percent_of_the_least_there_is(learned):
    least = bayes_loss()
    assert np.mean(learned[1][-300:]) == pytest.approx(least, rel=0.01)
    assert least < 0.97 * 2 * math.log(2)  # what telling nothing apart costs


def test_as_the_samplers_energy_it_brings_one_step_close_to_the_world(learned):
    denoiser, schedule, x_0 = ExactDenoiser(WORLD), LogLinearSchedule(), {}
    for K in (1, 16):
        config = SampleConfig(length=3, num_steps=1, num_candidates=K, num_chains=1024)
        energy = LearnedEnergy(learned[0], MASK)
        x_0[K] = torch.cat([sample(denoiser, energy, schedule, replace(config, seed=s)).x_0 for s in (0, 1024, 2048)])
    place = torch.tensor([4, 2, 1])
    laws = {K: np.bincount((x @ place).numpy(), minlength=8) / len(x) for K, x in x_0.items()}
    assert total_variation(laws[16], WORLD.joint) < 0.5 * total_variation(laws[1], WORLD.joint)


# ── what is told apart ───────────────────────────────────────────────────────────
def test_negatives_are_the_denoisers_draws_and_differ_from_the_text_only_where_it_is_masked():
    seen = {}

    def network(x_0, x_t):
        seen.update(x_0=x_0.unflatten(0, (600, 4)), x_t=x_t.unflatten(0, (600, 4)))
        return torch.zeros(x_0.shape)

    generator = torch.Generator().manual_seed(0)
    clean = texts(600, generator)
    told = contrast(network, ExactDenoiser(WORLD), clean, LogLinearSchedule(), 3, generator)
    x_0, x_t = seen["x_0"], seen["x_t"][:, 0]
    assert torch.equal(x_0[:, 0], clean)
    assert (seen["x_t"] == x_t[:, None]).all()
    visible = (x_t != MASK)[:, None].expand_as(x_0)
    assert torch.equal(x_0[visible], clean[:, None].expand_as(x_0)[visible])
    assert (told.positive.shape, told.negative.shape) == ((600,), (600, 3))
    blank = (x_t == MASK).all(1)  # all masked: the draws follow the product of the marginals
    drawn = np.bincount((x_0[blank, 1:].flatten(0, 1) @ torch.tensor([4, 2, 1])).numpy(), minlength=8)
    assert p_value(drawn, WORLD.factorised((MASK,) * 3)) > 1e-3


def test_the_denoiser_draws_without_dropout_whatever_mode_its_network_came_in():
    torch.manual_seed(0)
    network = Transformer(TransformerConfig(MASK + 1, 16, 1, 2, 2, 16, dropout=0.9)).train()
    denoiser, x_t = TransformerDenoiser(network, MASK), torch.full((1, 3), MASK)
    first, again = (denoiser(x_t, torch.ones(1), x_t == MASK) for _ in range(2))
    assert torch.equal(first, again)


def test_both_losses_by_hand():
    told = Contrast(torch.tensor([-1.0]), torch.tensor([[2.0, 0.0]]), torch.tensor([0.5]))
    softplus = lambda x: math.log(1 + math.exp(x))  # noqa: E731
    assert float(told.binary_loss()) == pytest.approx(softplus(-1) + (softplus(-2) + softplus(0)) / 2)
    weights = [math.exp(1), math.exp(-2), 1.0]
    assert float(told.ranking_loss()) == pytest.approx(-math.log(weights[0] / sum(weights)))


def test_the_ranking_loss_does_not_see_a_term_in_x_t_alone_and_the_binary_one_does():
    generator = torch.Generator().manual_seed(0)
    positive, negative, shift = (torch.randn(n, generator=generator) for n in ((5,), (5, 3), (5,)))
    told, moved = Contrast(positive, negative, shift), Contrast(positive + shift, negative + shift[:, None], shift)
    assert float(moved.ranking_loss()) == pytest.approx(float(told.ranking_loss()), rel=1e-5)
    assert float(moved.binary_loss()) != pytest.approx(float(told.binary_loss()), rel=1e-2)


def test_what_the_log_says_of_a_batch_by_hand():
    told = Contrast(
        torch.tensor([-3.0, 0.5, 0.0, 9.0]),
        torch.tensor([[3.0, -9.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]]),
        torch.tensor([0.1, 0.3, 0.6, 0.7]),
    )
    log = report_contrast([told])
    assert log["auc"] == pytest.approx((0.5 + 1 + 0.75 + 0) / 4)
    assert log["auc_by_t"] == [0.5, 1.0, 0.375, None]
    places = [sum(edge < value for edge in LOGIT_EDGES) for value in (3.0, -0.5, 0.0, -9.0)]
    assert log["positive"] == [places.count(n) / 4 for n in range(len(LOGIT_EDGES) + 1)]
    assert sum(log["negative"]) == pytest.approx(1)


def test_calibration_is_0_where_logits_say_what_is_so_and_large_where_they_boast():
    share = torch.rand(20_000, generator=torch.Generator().manual_seed(0))
    real = torch.rand(20_000, generator=torch.Generator().manual_seed(1)) < share
    logit, n = share.logit(), int(min(real.sum(), (~real).sum()))
    gaps = {}
    for boast in (1, 5):
        told = Contrast(-boast * logit[real][:n], -boast * logit[~real][:n, None], torch.ones(n))
        gaps[boast] = report_contrast([told])["calibration"]
    assert gaps[1] < 0.01
    assert gaps[5] > 0.1


# ── the network ──────────────────────────────────────────────────────────────────
@torch.inference_mode()
def test_at_first_every_energy_is_zero_and_the_body_reads_x_0_as_its_source_did():
    torch.manual_seed(3)
    source = Transformer(TransformerConfig(MASK + 1, 16, 3, heads=4, kv_heads=2, hidden=24)).eval()
    pair = PairTransformer.starting_as(source, 3, MASK).eval()
    x_0, x_t = torch.tensor([[0, 1, 1], [1, 0, 0]]), torch.tensor([[0, 2, 2], [2, 2, 0]])
    assert not pair(x_0, x_t).any()
    pair.head.weight.normal_()
    expected = pair.head(source(x_0))[..., 0]
    torch.testing.assert_close(pair(x_0, x_t), expected)
    shallow = PairTransformer.starting_as(source, 2, MASK)
    assert len(shallow.transformer.blocks) == shallow.config.depth == 2


def test_it_may_start_as_a_left_to_right_network_which_then_reads_both_ways():
    torch.manual_seed(3)
    source = Transformer(TransformerConfig(MASK, 16, 2, heads=4, kv_heads=2, hidden=24, causal=True, dropout=0.3))
    pair = PairTransformer.starting_as(source, 2, MASK)
    assert (pair.config.causal, pair.config.dropout, pair.config.inputs) == (False, 0.0, MASK + 1)
    torch.testing.assert_close(pair.transformer.embedding.weight[MASK], source.embedding.weight.mean(0))
    torch.nn.init.normal_(pair.head.weight)
    with torch.inference_mode():
        a, b = (pair(torch.tensor([[0, 1, last]]), torch.full((1, 3), MASK)) for last in (0, 1))
    assert a[0, 0] != b[0, 0]


@torch.inference_mode()
def test_an_energy_sums_over_the_masked_positions_and_no_row_depends_on_another():
    pair = pair_net().eval()
    torch.nn.init.normal_(pair.head.weight)
    x_0 = torch.randint(MASK, (5, 3), generator=torch.Generator().manual_seed(1))
    x_t = torch.where(torch.tensor([True, False, True]), MASK, x_0)
    values = pair(x_0, x_t)
    energies = pair_energy(pair, x_0, x_t, MASK)
    torch.testing.assert_close(energies, values * torch.tensor([1.0, 0.0, 1.0]))
    proposals = Proposals(x_0[:, None], torch.zeros(5, 1, 3))
    torch.testing.assert_close(LearnedEnergy(pair, MASK)(proposals, x_t, torch.ones(5))[:, 0], energies)
    torch.testing.assert_close(pair_energy(pair, x_0[2:3], x_t[2:3], MASK), energies[2:3])
    assert not pair_energy(pair, x_0, x_0, MASK).any()  # nothing masked: nothing to say


# ── from the command line ────────────────────────────────────────────────────────
STORY = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park with her dog. "


@pytest.mark.parametrize(("start", "loss", "layers"), [("denoiser", "binary", None), ("ar", "ranking", 1)])
def test_train_energy_writes_weights_that_load_and_a_log_that_says_how_well_it_tells_apart(
    start, loss, layers, tiny_folder, tmp_path
):
    folder = shutil.copytree(tiny_folder, tmp_path / "model")
    for split, times in (("train", 40), ("valid", 10)):
        (tmp_path / f"{split}.txt").write_text("<|endoftext|>".join([STORY * 3] * times))
    main(
        [
            "train",
            "energy",
            "--route",
            "nce",
            "--data",
            str(tmp_path),
            "--out",
            str(folder),
            "--start",
            start,
            "--loss",
            loss,
            "--negatives",
            "2",
            "--minutes",
            "0.02",
            "--tokens-per-step",
            "128",
            "--optimizer",
            "adamw",
            *(["--depth", str(layers)] if layers else []),
        ]
    )
    model = load_model(str(folder), device="cpu", dtype=torch.float32)
    energy = model.learned_energy
    assert (energy.network.config.causal, energy.network.config.depth) == (False, layers or 2)
    log = json.loads((folder / "energy.log.jsonl").read_text().splitlines()[-1])
    assert {"auc", "auc_by_t", "positive", "negative", "calibration", "valid"} <= set(log)
    assert 0 <= log["auc"] <= 1
    assert len(log["auc_by_t"]) == 4
    assert sum(log["positive"]) == pytest.approx(1, abs=1e-3)
    x_0 = torch.tensor([model.tokenizer.encode(STORY)[:12]])
    x_t = x_0.clone()
    x_t[:, 4:8] = model.tokenizer.mask_id
    terms = energy(Proposals(x_0[:, None], torch.zeros(1, 1, 12)), x_t, torch.ones(1))
    assert terms.shape == (1, 1, 12)
    assert not terms[..., :4].any()
