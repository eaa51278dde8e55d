"""The one table of what there is to choose from: what it says is so, and no other place decides by a name."""

import ast
from pathlib import Path

import pytest

from edlm_core.catalogue import (
    BASELINE,
    ENERGIES,
    JUDGES,
    LANES,
    SAMPLERS,
    SUMS,
    TEXT,
    TEXT_MODELS,
    Calls,
    Kind,
    Reads,
    effective,
    energies_of,
    energy_terms,
    has_exact_terms,
    networks_of,
    self_judged,
)
from edlm_core.config import Request, SampleConfig
from edlm_core.method.energy import AutoregressiveEnergy
from edlm_core.models.checkpoints import MODELS
from edlm_core.models.text_energy import LOADERS
from edlm_core.refusals import Refusal
from edlm_core.runs.steps import ENERGY_OF, JUDGE_OF, LANGUAGE_MODEL_OF, generate

ROOT = Path(__file__).parent.parent
NAMES = {*SAMPLERS, *ENERGIES, *JUDGES, *SUMS, TEXT}


# ── nobody else decides by a name ────────────────────────────────────────────────
def decides_by_a_name(source):
    """Lines of a file on which a literal that names a sampler or an energy is compared, matched or looked for."""
    for node in ast.walk(ast.parse(source)):
        asked = []
        if isinstance(node, ast.Compare):
            asked = [node.left, *node.comparators]
        elif isinstance(node, ast.match_case):
            asked = [node.pattern]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            asked = node.args if node.func.attr in ("startswith", "endswith", "__eq__", "__contains__") else []
        # What a called function is given is not what is compared.
        inside = [child for part in asked for child in ast.walk(part) if not isinstance(part, ast.Call)]
        if any(isinstance(child, ast.Constant) and child.value in NAMES for child in inside):
            yield node.lineno if hasattr(node, "lineno") else node.pattern.lineno


FILES = [p for room in ("edlm_core", "pages") for p in ROOT.glob(f"{room}/**/*.py") if p.parent.name != "catalogue"]
PLACES = [str(p.relative_to(ROOT)) for p in FILES]


@pytest.mark.parametrize("place", PLACES)
def test_no_place_but_the_catalogue_compares_a_name(place):
    assert list(decides_by_a_name((ROOT / place).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    "line",
    ["a == 'ar'", "x in ('smc', 'gibbs')", "(a, b) != ('mdlm', 0)", "e.startswith('text:')", "'none' not in e"],
)
def test_such_a_place_would_be_found(line):
    assert list(decides_by_a_name(line)) == [1]


def test_each_name_has_its_row_of_code():
    assert list(ENERGY_OF) == list(ENERGIES)
    assert list(JUDGE_OF) == list(JUDGES)
    assert tuple(LOADERS) == TEXT_MODELS
    assert set(LANGUAGE_MODEL_OF) == {name for name, energy in ENERGIES.items() if energy.tells} | {"none"}


def test_the_documentation_says_of_each_sampler_what_the_catalogue_says():
    pages = "\n".join(page.read_text(encoding="utf-8") for page in (ROOT / "README.md", *ROOT.glob("docs/*.md")))
    rows = [f"| `{name}` | {sampler.step} | {sampler.law} |" for name, sampler in SAMPLERS.items()]
    assert [row for row in rows if row not in pages] == []


# ── what it says is so ───────────────────────────────────────────────────────────
def test_names_are_keys_and_every_row_is_in_words():
    for table in (SAMPLERS, ENERGIES, JUDGES):
        assert all(spec.name == name and spec.label for name, spec in table.items())
    assert len({spec.label for spec in SAMPLERS.values()}) == len(SAMPLERS)


def test_a_lane_is_named_by_a_sampler_of_its_own():
    assert LANES == ("mdlm", "edlm", "ar")
    assert all(SAMPLERS[lane].lane == lane for lane in LANES)
    assert not SAMPLERS["mdlm"].corrects
    assert not BASELINE.corrects


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("energy", ["none", "ar"])
def test_a_run_asks_the_networks_that_its_row_says(tiny, sampler, energy):
    """No network costs nothing in the estimate and is called all the same, nor the other way round."""
    config = SampleConfig(length=12, num_steps=4, num_candidates=3, reveal="dilated")
    spec, _ = effective(sampler, energy)
    _, cost = generate(tiny, Request(sampler, energy, config))
    calls = spec.cost(config)
    assert (calls.denoiser > 0) == spec.denoises
    assert (calls.baseline > 0) == (not spec.denoises)
    assert cost.denoiser_calls > 0
    assert (cost.scored > 0) == (calls.energy > 0) == bool(networks_of(sampler, energy))


@pytest.mark.parametrize(("sampler", "scored"), [("edlm", 8 * 5), ("gibbs", 8 * 5), ("smc", 8 * 5)])
def test_where_no_step_is_empty_the_expected_drafts_are_those_that_are_scored(tiny, sampler, scored):
    config = SampleConfig(length=16, num_steps=8, num_candidates=5, reveal="dilated")
    _, cost = generate(tiny, Request(sampler, "ar", config))
    assert cost.scored == scored == SAMPLERS[sampler].cost(config).energy


def test_what_the_samplers_cost_by_hand():
    config = SampleConfig(length=64, num_steps=16, num_candidates=8, window=(0.0, 0.5), reveal="dilated")
    assert SAMPLERS["mdlm"].cost(config) == Calls(denoiser=16)
    assert SAMPLERS["edlm"].cost(config) == Calls(denoiser=16, energy=64)
    assert SAMPLERS["smc"].cost(config) == Calls(denoiser=128, energy=128)
    assert SAMPLERS["ar"].cost(config) == Calls(baseline=64)
    assert SAMPLERS["speculative"].cost(config).energy == 8 * SAMPLERS["speculative"].cost(config).denoiser


def test_exact_terms_are_those_of_an_autoregressive_energy_over_the_whole_text(tales32):
    for name, energy in ENERGIES.items():
        if energy.kind is not Kind.NOTHING and name != "smollm2":  # like ar, with a bigger network
            assert isinstance(ENERGY_OF[name](tales32), AutoregressiveEnergy) == has_exact_terms(name)
    assert not has_exact_terms("ar+nce")
    assert not has_exact_terms("<from elsewhere>")


def test_the_bundled_model_has_the_files_of_every_energy():
    assert all((MODELS / "tales" / file).is_file() for energy in ENERGIES.values() for file in energy.files)


# ── names that go together ───────────────────────────────────────────────────────
@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("energy", [*ENERGIES, "text:gpt2"])
def test_a_sampler_takes_the_energies_that_it_is_said_to_take(sampler, energy):
    shown = "text:<model>" if energy.startswith(TEXT) else energy
    if shown in energies_of(sampler):
        assert Request(sampler, energy, SampleConfig()).energy == energy
    else:
        with pytest.raises(Refusal, match=f"energy: expected one of {', '.join(energies_of(sampler))} with {sampler}"):
            Request(sampler, energy, SampleConfig())


def test_what_reads_is_particular_and_what_does_not_takes_any():
    assert energies_of("smc") == ("none", "ar", "smollm2", "text:<model>")
    assert energies_of("speculative") == ("none", "ar", "coar", "smollm2")
    others = [name for name, spec in SAMPLERS.items() if spec.reads is Reads.NOTHING]
    assert all(energies_of(name) == (*ENERGIES, "text:<model>") for name in others)


@pytest.mark.parametrize(
    ("sampler", "energy", "comes_to"),
    [
        ("mdlm", "ar", ("mdlm", "none")),
        ("ar", "nce", ("ar", "none")),
        ("gibbs", "none", ("mdlm", "none")),
        ("smc", "none", ("mdlm", "none")),
        ("speculative", "none", ("speculative", "none")),
        ("edlm", "ar+nce", ("edlm", "ar+nce")),
    ],
)
def test_what_a_request_comes_to(sampler, energy, comes_to):
    spec, left = effective(sampler, energy)
    assert (spec.name, left) == comes_to


def test_an_energy_is_made_of_its_terms():
    assert [term.name for term in energy_terms("ar+text:gpt2")] == ["ar", "text:gpt2"]
    with pytest.raises(Refusal, match="energy: expected one of none, ar, coar, nce, smollm2, text:<model>, got ''"):
        energy_terms("ar+")


@pytest.mark.parametrize(
    ("judge", "sampler", "energy", "own"),
    [
        ("ar", "edlm", "ar", True),
        ("ar", "edlm", "coar", True),
        ("ar", "edlm", "ar+nce", True),
        ("ar", "edlm", "nce", False),
        ("ar", "mdlm", "ar", False),  # which asks no energy
        ("ar", "ar", "none", True),
        ("ar", "ar", "smollm2", True),
        ("smollm2", "ar", "smollm2", False),
        ("smollm2", "smc", "smollm2", True),
        ("ar", "speculative", "none", True),
        ("ar", "real text", "none", False),
    ],
)
def test_a_judge_made_of_what_wrote_the_text_judges_itself(judge, sampler, energy, own):
    assert self_judged(judge, sampler, energy) == own
