"""How well a setting fills blanks with a known answer, kept for the board by `cloze --keep`. No torch.

A small JSON file a setting and its weights: in `assets/recorded/cloze/` what comes with the app, in the data folder's
`cloze/` what was measured here, which has the first word.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..config import SampleConfig
from ..files import write_whole
from ..json_files import read_own
from ..model_refs import data_folder
from ..refusals import Refusal
from ..settings import Switch
from . import recorded
from .command_line import VARIED
from .estimates import Estimate
from .opponents import heard

MAX_BYTES = 1 << 16
ASKED = ("energy", "num_steps", "num_candidates", "reveal")  # said whether or not they are as by default


class Filled(msgspec.Struct, frozen=True):
    """The share of fillings whose words fit, and where it comes from."""

    share: float
    half: float  # of its 95 % interval, over templates
    templates: int
    texts: int
    first_seed: int
    weights: str
    device: str
    dtype: str
    threads: int
    processor: str
    date: str
    command: str

    @property
    def estimate(self) -> Estimate:
        return Estimate(self.share, self.share - self.half, self.share + self.half, self.texts, self.templates, least=2)


def filled_of(setting: Mapping[str, Any]) -> Filled | None:
    """Of a setting (the columns of a TrialRow) by the weights that it was written with; None where nobody has
    measured it. Raises Refusal where a file is damaged."""
    for folder in (data_folder(), recorded.FOLDER):
        path = folder / "cloze" / _name(setting)
        if path.is_file():
            return read_own(path, Filled, MAX_BYTES)
    return None


def keep(setting: Mapping[str, Any], found: Filled) -> Path:
    """In place of an older one; where. Raises Refusal."""
    path = data_folder() / "cloze" / _name(setting)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("file-unwritable", path=path, error=error.strerror) from None
    write_whole(path, msgspec.json.format(msgspec.json.encode(found)), replace=True)
    return path


def cloze_command(setting: Mapping[str, Any]) -> str:
    """For a shell: what measures it."""
    words = ["python", "-m", "edlm_core", "cloze", "--keep", "--model", setting["model"], "--samplers"]
    words.append(setting["sampler"])
    for name in dict.fromkeys(name.replace("_low", "").replace("_high", "") for name in heard(setting["sampler"])):
        flag, plain = VARIED[name], getattr(SampleConfig, name, None)
        value = (setting["window_low"], setting["window_high"]) if name == "window" else setting[name]
        if value == plain and name not in ASKED:
            continue
        values = [] if isinstance(flag, Switch) else value if isinstance(value, tuple) else (value,)
        words += [flag.flag, *map(str, values)]
    return shlex.join(words)


def _name(setting: Mapping[str, Any]) -> str:
    """By all that decides a filling: prompt and length are the template's."""
    decides = {name: setting[name] for name in ("sampler", "fingerprint", *heard(setting["sampler"]))}
    return hashlib.sha256(msgspec.json.encode(decides, order="sorted")).hexdigest()[:16] + ".json"
