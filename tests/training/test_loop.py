"""The training loop on a clock of its own: one second a step, whatever the machine."""

import itertools
import json
import math
from dataclasses import asdict
from types import SimpleNamespace

import pytest
import torch
from safetensors.torch import load_file

from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.models.adapters import adapt, adapter_weights
from edlm_core.models.transformer import Transformer, TransformerConfig
from edlm_core.refusals import Refusal
from edlm_core.training import loop as training
from edlm_core.training.corpus import Corpus
from edlm_core.training.loop import Plan, train_plan, validation_loss
from edlm_core.training.losses import denoising_loss, next_token_loss
from edlm_core.training.optim import Average, optimizers
from edlm_core.training.settings import TrainConfig, learning_rate_at

V = 8


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr(training, "time", SimpleNamespace(monotonic=lambda: float(next(seconds))))


@pytest.fixture(scope="module")
def corpus():
    """Counting to eight, with a slip now and then."""
    slips = torch.rand(4096, generator=torch.Generator().manual_seed(0)) < 0.05
    tokens = (torch.arange(4096) + slips.cumsum(0)) % V
    starts = torch.arange(0, 3900, 5)
    return {"train": Corpus(tokens, starts, starts), "valid": Corpus(tokens, starts, starts)}


def net(seed=0, *, causal=True, dropout=0.0):
    torch.manual_seed(seed)
    shape = TransformerConfig(V + 1, 16, depth=1, heads=2, kv_heads=2, hidden=24, causal=causal, dropout=dropout)
    return Transformer(shape)


def next_token(network, x_0, generator):
    return next_token_loss(network, x_0, V, 0)


def denoising(network, x_0, generator):
    return denoising_loss(network, x_0, LogLinearSchedule(), V, generator)


def config(steps, **changes):
    few = {"tokens_per_step": 256, "lengths": (32, 64), "validate_every": 5, "learning_rate": 1e-2}
    return TrainConfig(minutes=steps / 60, **few | changes)


def steps(folder, corpus, config, loss=next_token, *, network=None, save=lambda network: None, **more):
    recipe = json.loads(json.dumps(asdict(config)))
    plan = Plan("net", network or net(), loss, corpus, config, save, recipe=recipe, **more)
    folder.mkdir(exist_ok=True)
    return train_plan(plan, folder, torch.device("cpu"))


def trained(*arguments, **more):
    """All progresses of a run."""
    return list(steps(*arguments, **more))


def best_of(progresses):
    return progresses[-1].validation.best


def log_of(folder):
    return [json.loads(line) for line in (folder / "net.log.jsonl").read_text().splitlines()]


def resume_of(folder):
    return load_file(str(folder / "net.resume.safetensors"))


def assert_same_resume_files(expected, got):
    assert expected.keys() == got.keys()
    assert all(torch.equal(expected[name], got[name]) for name in expected)


# ── what it learns ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("muon", [True, False])
def test_training_reaches_the_entropy_of_what_can_be_predicted(tmp_path, corpus, muon):
    slip = -0.05 * math.log(0.05) - 0.95 * math.log(0.95)  # all that is left to guess behind the first token
    best = best_of(trained(tmp_path, corpus, config(120, validate_every=60, muon=muon)))
    assert slip < best < 1.3 * slip


def test_training_lowers_the_denoisers_loss_far_below_guessing(tmp_path, corpus):
    settings = config(400, validate_every=200, learning_rate=0.03)
    assert best_of(trained(tmp_path, corpus, settings, denoising, network=net(causal=False))) < 0.6 * math.log(V)


def test_save_gets_the_averaged_network_of_the_best_validation(tmp_path, corpus):
    saved, windows = [], corpus["valid"].fixed_windows(512, 64)

    def save(network):
        saved.append(validation_loss(network, next_token, windows, torch.device("cpu")))

    best = best_of(trained(tmp_path, corpus, config(20), save=save))
    assert best == saved[-1] == min(saved)


def test_the_budget_is_time_spent_and_every_validation_leaves_a_line(tmp_path, corpus):
    progresses = trained(tmp_path, corpus, config(12), measure=lambda network: {"auc": 0.75})
    log = log_of(tmp_path)
    assert [entry["step"] for entry in log] == [5, 10, 12]
    assert [entry["best"] for entry in log] == [min(e["valid"] for e in log[: n + 1]) for n in range(3)]
    assert [entry["auc"] for entry in log] == [0.75] * 3
    seen = [(p.step, p.validation) for p in progresses if p.validation is not None]
    assert [step for step, _ in seen] == [5, 10, 12]
    assert [round(v.valid, 4) for _, v in seen] == [entry["valid"] for entry in log]
    assert seen[-1][1].measured == {"auc": 0.75}


def test_every_step_says_where_the_run_stands(tmp_path, corpus):
    progresses = trained(tmp_path, corpus, config(12))
    assert [p.step for p in progresses] == list(range(1, 13))
    assert [p.seconds_left for p in progresses] == pytest.approx(list(range(11, -1, -1)))
    assert [p.share for p in progresses] == pytest.approx([n / 12 for n in range(1, 13)])
    assert {p.tokens_per_second for p in progresses} == {256.0}
    rates = [learning_rate_at(n / 12, config(12)) * 1e-2 for n in range(12)]
    assert [p.learning_rate for p in progresses] == pytest.approx(rates)
    first = progresses[4].validation.train
    assert first == pytest.approx(sum(p.loss for p in progresses[:5]) / 5)


# ── interruptions ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("killed_at", [7, 11, 16])
@pytest.mark.parametrize("muon", [True, False])
def test_a_run_killed_and_started_again_ends_in_the_weights_of_an_unbroken_run(tmp_path, corpus, killed_at, muon):
    calls = itertools.count()

    def dying(network, x_0, generator):
        if network.training and next(calls) == killed_at:
            raise KeyboardInterrupt
        return denoising(network, x_0, generator)

    unbroken, broken = tmp_path / "unbroken", tmp_path / "broken"
    settings = config(20, muon=muon)
    best = best_of(trained(unbroken, corpus, settings, denoising, network=net(causal=False)))
    with pytest.raises(KeyboardInterrupt):
        trained(broken, corpus, settings, dying, network=net(causal=False))
    rest = trained(broken, corpus, settings, denoising, network=net(seed=9, causal=False))
    assert best_of(rest) == best
    assert rest[0].step == killed_at // 5 * 5 + 1
    assert_same_resume_files(resume_of(unbroken), resume_of(broken))
    assert {name.split(".")[0] for name in resume_of(broken)} == {"network", "average", "optimizer", "random"}
    assert log_of(broken) == log_of(unbroken)


@pytest.mark.parametrize("stopped_at", [1, 5, 7, 20])
def test_a_closed_run_goes_on_from_the_step_it_was_closed_behind_and_ends_as_if_unbroken(tmp_path, corpus, stopped_at):
    """With dropout, whose dice are torch's own, and with somebody else throwing them in between."""
    unbroken, broken, taken, saved = tmp_path / "unbroken", tmp_path / "broken", itertools.count(), []
    settings = config(20)

    def counting(network, x_0, generator):
        if network.training:
            next(taken)
        return denoising(network, x_0, generator)

    expected = trained(unbroken, corpus, settings, denoising, network=net(causal=False, dropout=0.3))
    run = steps(broken, corpus, settings, counting, network=net(causal=False, dropout=0.3), save=saved.append)
    for progress in run:
        torch.rand(7)
        if progress.step == stopped_at:
            break
    run.close()
    assert next(taken) == stopped_at
    assert len(saved) == sum(p.validation is not None and p.validation.stale == 0 for p in expected[:stopped_at])
    torch.manual_seed(1234)
    rest = trained(broken, corpus, settings, denoising, network=net(seed=9, causal=False, dropout=0.3))
    assert [p.step for p in rest] == list(range(stopped_at + 1, 21))
    assert rest == expected[stopped_at:]
    assert_same_resume_files(resume_of(unbroken), resume_of(broken))
    assert log_of(broken) == log_of(unbroken)


def test_a_run_leaves_torchs_dice_as_they_were(tmp_path, corpus):
    run = steps(tmp_path, corpus, config(5), network=net(dropout=0.5))
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    list(run)
    assert torch.equal(torch.rand(3), expected)


def test_of_an_adapted_network_only_the_adapters_learn_and_only_they_are_kept_for_going_on(tmp_path, corpus):
    """Killed and started again it must end in the same weights, as any network does."""

    def dying(network, x_0, generator):
        if network.training and next(calls) == 12:
            raise KeyboardInterrupt
        return next_token(network, x_0, generator)

    calls, settings, frozen = itertools.count(), config(20), dict(net().named_parameters())
    unbroken, broken, saved = tmp_path / "unbroken", tmp_path / "broken", []
    network = adapt(net(), 2)
    trained(unbroken, corpus, settings, network=network, save=saved.append)
    with pytest.raises(KeyboardInterrupt):
        trained(broken, corpus, settings, dying, network=adapt(net(), 2))
    trained(broken, corpus, settings, network=adapt(net(), 2))
    got = resume_of(broken)
    assert_same_resume_files(resume_of(unbroken), got)
    kept = {name.partition(".")[2] for name in got if name.startswith(("network.", "average."))}
    assert kept == set(adapter_weights(network))
    for module in (network, saved[-1]):
        others = {n: p for n, p in module.named_parameters() if n not in kept}
        assert all(torch.equal(p, frozen[n.replace(".linear", "")]) for n, p in others.items())
        assert all(p.abs().sum() > 0 for p in adapter_weights(module).values())


def test_a_finished_run_started_again_takes_no_step(tmp_path, corpus):
    trained(tmp_path, corpus, config(10))
    before = (tmp_path / "net.resume.safetensors").read_bytes()
    assert trained(tmp_path, corpus, config(10)) == []
    assert (tmp_path / "net.resume.safetensors").read_bytes() == before


@pytest.mark.parametrize("changes", [{"learning_rate": 1e-4}, {"seed": 1}, {"muon": False}, {"lengths": (64,)}])
def test_going_on_with_other_settings_is_refused(tmp_path, corpus, changes):
    trained(tmp_path, corpus, config(5))
    with pytest.raises(Refusal, match=r"net\.resume\.safetensors was made with.*remove it"):
        trained(tmp_path, corpus, config(5, **changes))


@pytest.mark.parametrize("keep", [0, 100, -8])
def test_a_damaged_resume_file_is_named_with_the_way_out(tmp_path, corpus, keep):
    trained(tmp_path, corpus, config(5))
    path = tmp_path / "net.resume.safetensors"
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(Refusal, match=r"net\.resume\.safetensors is damaged \(.+\): remove it to start anew"):
        trained(tmp_path, corpus, config(10))


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_good_weights(tmp_path, corpus):
    calls, saved = itertools.count(), []

    def breaking(network, x_0, generator):
        value = next_token(network, x_0, generator)
        return value * math.nan if network.training and next(calls) == 12 else value

    with pytest.raises(Refusal, match="net: the loss is nan at step 12; the last good weights are kept"):
        trained(tmp_path, corpus, config(20), breaking, save=lambda network: saved.append(network.norm.weight.tolist()))
    assert len(saved) == 2
    kept = resume_of(tmp_path)
    assert kept["optimizer.0.0.step"] == 10
    assert all(p.isfinite().all() for p in kept.values())


@pytest.mark.parametrize("patience", [1, 3])
def test_it_stops_after_as_many_validations_without_a_gain_as_patience_allows(tmp_path, corpus, patience):
    settings = config(1000, learning_rate=0.0, patience=patience)
    progresses = trained(tmp_path, corpus, settings)
    assert len(log_of(tmp_path)) == 1 + patience
    assert progresses[-1].validation.stale == patience
    assert trained(tmp_path, corpus, settings) == []


@pytest.mark.parametrize(
    "changes",
    [
        *[{"minutes": value} for value in (0, -1, math.nan, math.inf)],
        *[{"learning_rate": value} for value in (-1e-3, math.nan, math.inf)],
        *[{name: value} for name in ("warmup", "decay_from", "ema") for value in (-0.1, 1.0, math.nan)],
        *[{"tokens_per_step": 127}, {"lengths": ()}, {"lengths": (0, 64)}, {"validate_every": 0}],
        *[{"patience": -1}, {"seed": -1}, {"seed": 2**31}, {"weight_decay": math.nan}],
    ],
)
def test_a_run_that_could_take_no_step_is_refused(changes):
    with pytest.raises(Refusal, match=r"expected .+, got .+: "):
        TrainConfig(**{"minutes": 1.0, **changes})


# ── its parts ────────────────────────────────────────────────────────────────────
def test_the_learning_rate_rises_stays_and_falls_to_zero():
    settings = TrainConfig(minutes=1, warmup=0.1, decay_from=0.6)
    rates = [learning_rate_at(progress, settings) for progress in (0, 0.0495, 0.099, 0.3, 0.6, 0.8, 1.0, 1.01)]
    assert rates == pytest.approx([0.01, 0.505, 1, 1, 1, 0.5, 0, 0])


def test_muon_takes_the_matrices_inside_the_blocks_and_norms_do_not_decay():
    network = net()
    adamw, muon = optimizers(network, config(1))
    shapes = {id(p): name for name, p in network.named_parameters()}
    hidden = {shapes[id(p)] for p in muon.param_groups[0]["params"]}
    assert hidden == {name for name in shapes.values() if ".attention." in name or ".feed_forward." in name}
    groups = [({shapes[id(p)] for p in g["params"]}, g["weight_decay"]) for g in adamw.param_groups]
    assert groups == [
        ({"embedding.weight"}, 0.05),
        ({"norm.weight", "blocks.0.attention_norm.weight", "blocks.0.feed_forward_norm.weight"}, 0.0),
    ]


def test_adamw_alone_takes_everything():
    (adamw,) = optimizers(net(), config(1, muon=False))
    assert sum(len(g["params"]) for g in adamw.param_groups) == len(list(net().parameters()))


def test_the_average_is_short_while_young_then_moves_by_one_minus_its_decay():
    network = net().train()
    average = Average(network, 0.9)
    start = network.norm.weight.detach().clone()
    with torch.no_grad():
        network.norm.weight.add_(1)
    average.update(network, 0)
    torch.testing.assert_close(average.network.norm.weight, start + 0.9)  # (1 + 0) / (10 + 0) is kept
    average.update(network, 10_000)
    torch.testing.assert_close(average.network.norm.weight, start + 0.91)
    assert not average.network.training
    assert network.training
    assert not any(p.requires_grad for p in average.network.parameters())


@pytest.mark.parametrize("rows", [3, 64])
def test_validation_is_the_mean_over_windows_with_the_same_noise_every_time(corpus, rows):
    windows, cpu = corpus["valid"].fixed_windows(10, 16), torch.device("cpu")
    network = net().eval()
    value = validation_loss(network, next_token, windows, cpu, rows)
    with torch.no_grad():
        assert value == pytest.approx(float(next_token(network, windows, None)), rel=0.01)  # bf16 against float32
    noisy = [validation_loss(network, denoising, windows, cpu, rows) for _ in range(2)]
    assert noisy[0] == noisy[1]
