"""Which models there are, without loading one: those that come with the app, and those in the user's data folder.

    assets/models/<name>          come with the app
    <data folder>/models/<name>   the user's own: trained here, or put there

The data folder is that of the operating system for this user, or $EDLM_DATA. Of two models with one name the bundled
one is meant.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_data_path

BUNDLED = Path(__file__).parents[1] / "assets" / "models"


@dataclass(frozen=True)
class ModelRef:
    """A model that can be chosen. Two refs are equal as long as nothing in the folder has been written anew."""

    name: str
    folder: Path
    key: str  # of the files' names, sizes and times: cheap, where the fingerprint of the weights reads them all


def data_folder() -> Path:
    return Path(os.environ["EDLM_DATA"]) if os.environ.get("EDLM_DATA") else user_data_path("edlm-explorer", False)


def model_refs() -> dict[str, ModelRef]:
    """Every model there is, by name: the bundled ones first, then the user's, each by the alphabet."""
    refs: dict[str, ModelRef] = {}
    for home in (BUNDLED, data_folder() / "models"):
        for config in sorted(home.glob("*/config.json")):
            refs.setdefault(config.parent.name, model_ref(config.parent))
    return refs


def model_ref(folder: Path) -> ModelRef:
    digest = hashlib.sha256()
    for path in [*(p for p in sorted(folder.glob("*.json")) if p.is_file()), *weight_files(folder)]:
        status = path.stat()
        digest.update(f"{path.name}\0{status.st_size}\0{status.st_mtime_ns}\0".encode(errors="surrogateescape"))
    return ModelRef(folder.name, folder, digest.hexdigest()[:12])


def weight_files(folder: Path) -> list[Path]:
    """Those of finished networks, regular files all; what a training run goes on from is none."""
    found = (path for path in sorted(folder.glob("*.safetensors")) if path.is_file())
    return [path for path in found if not path.name.endswith(".resume.safetensors")]
