"""The command, and the script, that write a row's texts again. No torch."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from ..catalogue import JUDGES
from ..config import Request, SampleConfig
from ..settings import Setting, Switch, settings_of

VARIED: dict[str, Setting] = {  # the fields of a request that a sweep may vary
    name: setting
    for name, setting in (settings_of(Request) | settings_of(SampleConfig)).items()
    if name not in ("num_chains", "seed")
}


def sweep_command(row: Mapping[str, Any], texts: int) -> str:
    """For a shell: so many texts of the setting of a row (the columns of a TrialRow), from its seed on."""
    words = ["python", "-m", "edlm_core", "sweep", "--model", row["model"]]
    for name, setting in VARIED.items():
        values = [row["window_low"], row["window_high"]] if name == "window" else [row[name]]
        if values != [None]:
            words += [setting.flag, *(str(int(v) if isinstance(setting, Switch) else v) for v in values)]
    words += ["--num", str(texts), "--seed", str(row["seed"]), "--together", str(row["batch_size"])]
    words += ["--threads", str(row["threads"]), "--judge", *read_by(row)]
    return f"EDLM_DTYPE={row['dtype']} {shlex.join(words)}"


def sweep_python(row: Mapping[str, Any], texts: int) -> str:
    """The same as a script: `found` are their measures."""
    config = {f.name: row[f.name] for f in fields(SampleConfig) if f.name in row}
    config |= {"window": (row["window_low"], row["window_high"]), "num_chains": texts}
    setting = ", ".join(f"{name}={value!r}" for name, value in config.items())
    asked = ", ".join(repr(row[name]) for name in ("sampler", "energy"))
    return "\n".join(
        [
            "import torch",
            "",
            "from edlm_core.config import Request, SampleConfig",
            "from edlm_core.measure.sweep import cells, sweep",
            "from edlm_core.models.checkpoints import DTYPES, load_model",
            "",
            f"torch.set_num_threads({row['threads']})",
            f"model = load_model({row['model']!r}, dtype=DTYPES[{row['dtype']!r}])",
            f"config = SampleConfig({setting})",
            f"request = Request({asked}, config, {row['prompt']!r})",
            f"(found,) = cells(sweep(model, [request], {read_by(row)!r}, together={row['batch_size']}))",
        ]
    )


def read_by(row: Mapping[str, Any]) -> list[str]:
    """The judges that have read a text."""
    return [judge for judge in JUDGES if row[f"judge_nll_{judge}"] is not None]
