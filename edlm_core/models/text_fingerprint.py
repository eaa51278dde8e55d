"""Which weights a text model's name stands for on this machine."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

_PARTS = ("*.json", "*.safetensors")  # of a model's folder: what decides its answers


@lru_cache(maxsize=16)
def fingerprint(name: str) -> str:
    """First 12 hex digits of the SHA-256 over names and contents of the files of a folder, or of a hub id whose model
    has been loaded."""
    digest = hashlib.sha256()
    folder = Path(name) if Path(name).is_dir() else _cached(name)
    for path in sorted(path for pattern in _PARTS for path in folder.glob(pattern)):
        with path.open("rb") as file:
            digest.update(path.name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:12]


def _cached(hub_id: str) -> Path:
    from transformers.utils.hub import cached_file

    return Path(str(cached_file(hub_id, "config.json", local_files_only=True))).parent  # OSError where it is not there
