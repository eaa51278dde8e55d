"""`exact` in the Markov world: on one thread, audible while it works, silent where figures would mean nothing."""

import json

import pytest

from edlm_core.__main__ import main
from edlm_core.catalogue import BASELINE, SAMPLERS
from edlm_core.commands import exact, progress
from edlm_core.measure.contest import chance_error


def test_too_few_texts_are_refused_with_the_reason(capsys, monkeypatch):
    monkeypatch.setattr(exact, "markov_error", lambda *_, **__: pytest.fail("work has begun"))
    with pytest.raises(SystemExit) as stopped:
        main(["exact", "--world", "markov", "--num", "1"])
    out, err = capsys.readouterr()
    assert (stopped.value.code, out, err.count("\n")) == (2, "", 1)
    assert "num: expected at least 16 texts for the Markov world, got 1: of fewer the error that chance makes" in err


def test_the_fewest_texts_err_by_chance_less_than_mdlm_in_few_steps(capsys):
    main(["exact", "--world", "markov", "--num", str(exact.FEWEST), "--steps", "1", "--candidates", "1", "--json"])
    answer = json.loads(capsys.readouterr().out)
    assert answer.keys() == {"world", "steps", "candidates", "by_chance", *SAMPLERS} - {BASELINE.name}
    assert answer["by_chance"] == chance_error(exact.FEWEST) < answer["mdlm"] / 2
    assert answer["mdlm"] == answer["edlm"]  # one candidate is mdlm


@pytest.mark.parametrize("world", ["pairs", "markov"])
def test_it_says_how_far_it_is_on_stderr(world, capsys, monkeypatch):
    monkeypatch.setattr(progress, "QUIET_SECONDS", -1)
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    main(["exact", "--world", world, "--num", "16", "--steps", "2", "--candidates", "2", "--json"])
    out, err = capsys.readouterr()
    json.loads(out)
    said = "tv_edlm: 33%" if world == "pairs" else "speculative in the Markov world: 100%"
    assert said in err
