"""Which machine it was: figures of speed mean nothing without it."""

from __future__ import annotations

import os
import platform
import re
from typing import Any

import torch

from ...models.kernels import fuses_bf16
from ...processor import processor

VECTORS = ("avx", "amx", "neon", "asimd", "sve", "sme", "bf16")  # how instructions that products are made of are named
LIBRARIES = {"mkl": r"Math Kernel Library Version (\S+?)-", "onednn": r"MKL-DNN v(\S+)"}


def machine() -> dict[str, Any]:
    """Processor, what it can do, and with which libraries. Load is the mean queue of the last minute: above the cores,
    distrust."""
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 2),
        "instructions": instructions(),
        "fused_bf16": fuses_bf16(),
        "torch": torch.__version__,
        **libraries(torch.__config__.show()),
        "python": platform.python_version(),
    }


def instructions() -> list[str]:
    """The vector instructions that it has and torch knows of."""
    known = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    return sorted(name for name, has in known.items() if has is True and name.startswith(VECTORS))


def libraries(built_with: str) -> dict[str, str | None]:
    """Versions of what multiplies matrices, from torch's account of itself; None where it is not in this build."""
    found = {name: re.search(pattern, built_with) for name, pattern in LIBRARIES.items()}
    return {name: match[1] if match else None for name, match in found.items()}
