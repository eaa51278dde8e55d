"""The benchmark: its rivals sample the right law, its counts are right, and what it prints can be read."""

import json
import math
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import torch

from edlm_core.__main__ import main
from edlm_core.commands import bench as command
from edlm_core.config import SampleConfig
from edlm_core.measure.bench import races
from edlm_core.measure.bench.contestants import Networks, edlm, floor, mdlm, mdlm_cache, published
from edlm_core.measure.bench.counting import Calls
from edlm_core.measure.bench.machine import instructions, libraries
from edlm_core.measure.bench.plot import growth_svg
from edlm_core.measure.bench.published import all_log_probs, published_steps
from edlm_core.measure.bench.scaling import Growth, fitted_exponent
from edlm_core.measure.bench.timing import Spread, interleave, ratio
from edlm_core.measure.claim import Point, verdict
from edlm_core.measure.presets import published_claim
from edlm_core.method.energy import ZeroEnergy
from edlm_core.method.sampling import sample, sample_steps
from edlm_core.method.schedules import LogLinearSchedule
from edlm_core.worlds.exact import ExactDenoiser, ExactEnergy, ExactLanguageModel, chain_law
from edlm_core.worlds.world import random_world
from tests.goodness import counts_of, p_value

WORLD = random_world(2, 3, 0.5, seed=16)
CPU = torch.device("cpu")
SHORT = SampleConfig(length=12, num_steps=6, num_candidates=3, num_chains=2)


def exact_log_probs(x_0):
    """The world's joint from left to right, every token at every position, as a network would say it."""
    tables, prefix, rows = ExactLanguageModel(WORLD).tables, torch.zeros_like(x_0[:, 0]), []
    for table, token in zip(tables, x_0.unbind(-1), strict=True):
        rows.append(table[prefix])
        prefix = prefix * WORLD.vocab_size + token
    return torch.stack(rows, 1)


def by_published(config):
    *_, x_0 = published_steps(ExactDenoiser(WORLD), exact_log_probs, config)
    return x_0


def by_ours(config):
    return sample(ExactDenoiser(WORLD), ExactEnergy(WORLD), LogLinearSchedule(), config).x_0


# ── the same law, else there is no race ──────────────────────────────────────────
@pytest.mark.parametrize(
    ("steps", "K", "options"),
    [
        (1, 1, {}),
        (3, 1, {}),
        (2, 3, {}),
        (5, 2, {}),
        (4, 3, {"window": (0.6, 1.0)}),
        (2, 3, {"energy_temperature": 3.0}),
    ],
)
def test_the_published_step_and_ours_draw_from_the_same_exact_law(steps, K, options):
    law = chain_law(WORLD, LogLinearSchedule(), steps, K, **options)
    config = SampleConfig(length=3, num_steps=steps, num_candidates=K, num_chains=512, **options)
    assert p_value(counts_of(by_ours, config, 2), law) > 1e-3
    for B, texts in ((1, 1024), (512, 4096)):  # its noise is the batch's: alone it writes other texts
        published = replace(config, num_chains=B)
        assert p_value(counts_of(by_published, published, 2, texts, alone=0), law) > 1e-3


def test_the_test_above_would_notice_the_published_faults():
    law = chain_law(WORLD, LogLinearSchedule(), 2, 3)
    flipped = chain_law(WORLD, LogLinearSchedule(), 2, 3, sign=-1.0)
    without = chain_law(WORLD, LogLinearSchedule(), 2, 1)
    assert p_value(flipped * 1024, law) < 1e-3
    assert p_value(without * 1024, law) < 1e-3


# ── what is counted and measured ─────────────────────────────────────────────────
@pytest.fixture(scope="module")
def networks(tiny):
    return Networks.of(tiny)


def test_every_contestants_network_calls_are_counted(networks):
    ours = edlm(networks, SHORT)()
    none = ZeroEnergy(networks.denoiser.vocab_size)
    steps = list(sample_steps(networks.denoiser, none, LogLinearSchedule(), SHORT))
    rows = sum(len(r.chains) for r in steps)
    assert ours == Calls(denoiser=len(steps), denoiser_rows=rows, energy=len(steps), energy_rows=rows * 3)
    assert floor(networks, SHORT)() == ours
    assert mdlm(networks, SHORT)() == Calls(denoiser=len(steps), denoiser_rows=rows)
    grid = published(networks, SHORT)()
    assert 0 < grid.denoiser == grid.energy <= 6
    assert (grid.denoiser_rows, grid.energy_rows) == (2 * grid.denoiser, 6 * grid.energy)
    assert published(networks, SHORT, first=1)() == Calls(1, 2, 1, 6)
    assert mdlm_cache(networks, SHORT)().energy == 0


def test_the_published_cache_holds_only_while_no_chain_moves(networks):
    many_steps = replace(SHORT, num_steps=200)
    alone, together = (mdlm_cache(networks, replace(many_steps, num_chains=B))().denoiser for B in (1, 16))
    assert alone <= 13 < together <= 200
    assert mdlm(networks, replace(many_steps, num_chains=16))().denoiser <= 12


def test_outside_the_window_no_contestant_asks_the_energy(networks):
    config = replace(SHORT, window=(0.9, 1.0))
    assert edlm(networks, config)().energy <= 1
    assert published(networks, config)().energy == 1


def test_the_published_step_asks_networks_for_whole_tables(tiny):
    x_0 = torch.tensor([[1, 2, 3], [4, 5, 6]])
    full = all_log_probs(tiny.autoregressive)(x_0)
    assert full.shape == (2, 3, tiny.tokenizer.vocab_size)
    torch.testing.assert_close(full.gather(2, x_0[..., None])[..., 0], tiny.autoregressive.token_log_probs(x_0))


def test_contestants_take_turns_and_every_round_counts():
    order = []
    laps, returned = interleave({"a": lambda: order.append("a") or 1, "b": lambda: order.append("b") or 2}, 3, CPU)
    assert order == ["a", "b"] * 3
    assert returned == {"a": 1, "b": 2}
    assert {name: len(s) for name, s in laps.items()} == {"a": 3, "b": 3}
    assert all(lap.cpu >= 0 and lap.wall > 0 for lap in laps["a"])


def test_a_ratio_is_taken_within_each_round():
    assert ratio([1.0, 20.0, 3.0], [1.0, 10.0, 1.0]) == Spread(2.0, 1.5, 2.5, 3)
    assert Spread.of([5.0]) == Spread(5.0, 5.0, 5.0, 1)


def test_the_exponent_of_a_power_is_found():
    assert fitted_exponent([1, 2, 4, 8], [3 * n**1.5 for n in (1, 2, 4, 8)]) == pytest.approx(1.5)


def test_the_plot_has_a_mark_for_each_size_and_the_line_passes_through_exact_powers():
    sizes = (1, 10, 100)
    exact = Growth(sizes, tuple(Spread.of([2.0 * n**0.5]) for n in sizes), 0.5)
    picture = ElementTree.fromstring(growth_svg({"L": exact, "V": exact}))
    circles = [(c.get("cx"), c.get("cy")) for c in picture.iter("{http://www.w3.org/2000/svg}circle")]
    lines = [line.get("points") for line in picture.iter("{http://www.w3.org/2000/svg}polyline")]
    assert len(circles) == 6
    assert " ".join(",".join(c) for c in circles) == " ".join(lines)
    assert "time ~ L^0.50" in "".join(picture.itertext())


# ── the claim ────────────────────────────────────────────────────────────────────
def point(sampler, nll, entropy, seconds):
    return Point(sampler, nll, entropy, seconds)


def test_the_baseline_comes_before_every_sampler_at_every_setting():
    baseline, *points = published_claim(3)
    assert baseline.sampler == "ar"
    assert {r.config.num_chains for r in points} == {3}
    settings = [(r.sampler, r.config.num_steps, r.config.reveal, r.config.temperature) for r in points]
    assert settings[:4] == [
        ("mdlm", 8, "random", 1.0),
        ("edlm", 8, "random", 1.0),
        ("corrector", 8, "random", 1.0),
        ("mdlm", 8, "random", 0.8),
    ]
    assert len(set(settings)) == len(settings) == 3 * 2 * 2 * 3 + 2
    assert settings[-2:] == [("speculative", 16, "random", 1.0), ("speculative", 16, "random", 0.8)]


def test_a_dull_text_does_not_reach_the_baseline():
    baseline = point("ar", 3.0, 3.4, 1.0)
    points = [
        point("mdlm", 2.5, 3.3, 1.0),
        point("mdlm", 3.0, 3.4, 8.0),
        point("mdlm", 4.0, 3.5, 1.0),
        point("edlm", 2.9, 3.5, 5.0),
        point("edlm", 2.0, 3.0, 1.0),
        point("edlm", 2.9, 3.4, 4.0),
    ]
    found = verdict(baseline, points)
    assert found["time_to_baseline"] == {"mdlm": 8.0, "edlm": 4.0}
    assert found["claimed_speedup"] == {"edlm": 2.0}
    assert (found["time_to_best_mdlm"], found["speedup_to_best_mdlm"]) == ({"mdlm": 1.0, "edlm": None}, {"edlm": None})
    assert verdict(baseline, points[2:3] + points[4:5])["claimed_speedup"] == {"edlm": None}


# ── the command ──────────────────────────────────────────────────────────────────
@pytest.fixture
def small(monkeypatch):
    """Every race on texts of a few tokens."""
    config = {"length": 6, "num_steps": 4, "num_candidates": 2, "num_chains": 2}
    shrunk = [replace(r, config=SampleConfig(**config), rounds=2, first=r.first and 1) for r in races.QUICK]
    shrunk[0] = replace(shrunk[0], contestants=tuple(c for c in shrunk[0].contestants if c != "generate"))
    monkeypatch.setattr(command, "QUICK", tuple(shrunk))


def test_bench_prints_one_json_object_with_what_was_measured_where(tiny_folder, small, capsys):
    main(["bench", "--quick", "--json", "--model", str(tiny_folder)])
    answer = json.loads(capsys.readouterr().out)
    assert {"overhead_ratio", "speedup_vs_published", "mdlm_vs_cache", "calls", "peak_bytes", "device"} <= set(answer)
    assert answer["machine"]["threads"] == torch.get_num_threads()
    for race in answer["races"].values():
        for spread in (*race["seconds"].values(), *race["cpu_seconds"].values(), race["ratio"], race["cpu_ratio"]):
            assert 0 < spread["lower"] <= spread["median"] <= spread["upper"] < math.inf
            assert spread["rounds"] == 2
        assert all(peak > 0 for peak in race["peak_bytes"].values())
    first = answer["races"]["overhead_b1"]
    assert first["calls"]["edlm"] == first["calls"]["floor"]
    assert answer["overhead_ratio"] == max(
        answer["races"][n]["ratio"]["median"] for n in ("overhead_b1", "overhead_b16")
    )


def test_bench_says_what_the_processor_can_do(tiny_folder, small, monkeypatch, capsys):
    monkeypatch.setattr("edlm_core.measure.bench.machine.fuses_bf16", lambda: False)
    monkeypatch.setattr("edlm_core.measure.bench.machine.processor", lambda: "A 2020 processor")
    abilities = {"avx2": True, "avx512_f": False, "amx_tile": False, "sse2": True, "num_logical_cores": 2}
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: abilities, raising=False)
    assert instructions() == ["avx2"]
    arguments = ["bench", "--quick", "--race", "mdlm_cache", "--rounds", "1", "--model", str(tiny_folder)]
    main(arguments)
    assert capsys.readouterr().out.startswith("A 2020 processor, avx2, no fused bf16 kernels, ")
    main([*arguments, "--json"])
    told = json.loads(capsys.readouterr().out)["machine"]
    assert (told["instructions"], told["fused_bf16"]) == (["avx2"], False)
    assert {"mkl", "onednn", "threads", "torch"} <= told.keys()


def test_versions_of_the_libraries_are_read_from_torchs_account_of_itself():
    told = """PyTorch built with:
  - Intel(R) oneAPI Math Kernel Library Version 2024.2-Product Build 20240605 for Intel(R) 64 architecture
  - Intel(R) MKL-DNN v3.12.0 (Git Hash 80afa71049cd)"""
    assert libraries(told) == {"mkl": "2024.2", "onednn": "3.12.0"}
    assert libraries("PyTorch built with:") == {"mkl": None, "onednn": None}


def test_a_plot_is_written_whole_and_replaces_nothing_unasked(tiny_folder, monkeypatch, tmp_path, capsys):
    exact = Growth((1, 10), (Spread.of([1.0]), Spread.of([2.0])), 0.5)
    monkeypatch.setattr(command, "scaling", lambda model, tell: {"L": exact})
    plot = tmp_path / "growth.svg"
    arguments = ["bench", "--model", str(tiny_folder), "--plot", str(plot)]
    main(arguments)
    assert plot.read_text().startswith("<svg")
    plot.write_text("mine")
    monkeypatch.setattr(command, "load_model", lambda name: pytest.fail("work has begun"))
    with pytest.raises(SystemExit):
        main(arguments)
    assert "expected no such file, found one" in capsys.readouterr().err
    assert plot.read_text() == "mine"
    monkeypatch.undo()
    monkeypatch.setattr(command, "scaling", lambda model, tell: {"L": exact})
    main([*arguments, "--force"])
    assert plot.read_text().startswith("<svg")


def test_a_race_says_how_far_it_is_between_two_runs(tiny, small):
    told = []
    races.run_races(command.QUICK[:2], tiny, lambda share, what: told.append((share, what)))
    assert told == sorted(told, key=lambda each: each[0])
    assert {what for _, what in told} == {"overhead_b1", "overhead_b16"}
    assert 0 == told[0][0] < told[-1][0] < 1


def test_bench_prints_a_table_a_race_a_row(tiny_folder, small, capsys):
    main(["bench", "--quick", "--race", "mdlm_cache", "--rounds", "1", "--model", str(tiny_folder)])
    out = capsys.readouterr().out
    assert out.count("\n| mdlm_cache | 2 | 6 | 4 | 2 |") == 1
    assert "overhead" not in out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--race", "foo"], "invalid choice: 'foo'"),
        (["--quick", "--race", "large_vocabulary"], "race: expected one that --quick has, got large_vocabulary"),
        (["--model", "nonsense"], "expected a bundled model (tales) or a folder, got 'nonsense'"),
        (["--claim", "--num", "1"], "num: expected a whole number from 2 to 1024, got 1"),
        (["--judge", "foo"], "invalid choice: 'foo'"),
        (["--plot", "/nonexistent/x.svg"], "/nonexistent/x.svg: expected a file that can be written"),
        (["--rounds", "0"], "rounds: expected a whole number from 1 to 100, got 0"),
    ],
)
def test_bench_refuses_in_one_line_with_the_reason(capsys, arguments, reason):
    with pytest.raises(SystemExit) as stopped:
        main(["bench", *arguments])
    out, err = capsys.readouterr()
    assert stopped.value.code == 2
    assert out == ""
    assert err.count("\n") == 1
    assert reason in err
