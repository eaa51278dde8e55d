"""What a run will hold in memory, told before its first step: an upper end, from shapes alone.

table       (M, V) log-probabilities, float32, M = B·L masked positions (B·K·L where each candidate is a text of
            its own): one is made while the reader of the records still holds the last one
network     what the widest block holds at once for each position that is read: 4 D + 3 H numbers, D the width and
            H the hidden width, or 10 D where that is more (counted by the allocator: tests/runs/test_budget.py)
candidates  ids, log-probabilities and weights of B·K·L tokens, some of them twice while they are made
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import torch

from ..catalogue import SAMPLERS, TEXT, EnergySpec, Kind, Reads, energy_terms
from ..config import Request
from ..models.checkpoints import Model
from ..models.text_energy import ROWS as TEXTS_AT_ONCE
from ..models.transformer import ROWS_OF_LOGITS, TransformerConfig
from ..refusals import Refusal
from .costs import Rates, estimate_seconds

RESERVE = 512 * 2**20  # bytes that a run leaves to everything else on the machine
WORTH_A_WORD = 3 * 10**9  # a run above this is announced before it starts
LONG = 60.0  # seconds; and one that takes longer
BYTES_A_TOKEN = 64  # of a candidate: at the most, while a rule rearranges them
CGROUPS = (  # limit, use, and where the part of it stands that is given up on demand
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)


@dataclass(frozen=True)
class Needs:
    """What a request takes, for a sentence before it starts."""

    bytes: int
    seconds: float | None  # None where a rate that it takes is not known yet

    @property
    def worth_a_word(self) -> bool:
        return self.bytes > WORTH_A_WORD or (self.seconds is not None and self.seconds > LONG)


def needs(model: Model, requests: Sequence[Request], rates: Rates, *, keeps_records: bool = False) -> Needs:
    """Of requests that are run one after the other."""
    most = max(peak_of(model, request, keeps_records=keeps_records) for request in requests)
    total = 0.0
    for request in requests:
        seconds = estimate_seconds([request], rates)  # of one chain
        if seconds is None:
            return Needs(most, None)
        total += seconds * request.config.num_chains
    return Needs(most, total)


def check(model: Model, request: Request, *, keeps_records: bool = False) -> None:
    """That a run fits into the memory that is free now. Raises Refusal with both numbers and the setting to lower."""
    free = free_bytes(model.device) - RESERVE
    needed = peak_of(model, request, keeps_records=keeps_records)
    if needed <= free:
        return
    numbers = {"needed": f"{needed / 1e9:.1f}", "free": f"{max(0, free) / 1e9:.1f}"}
    for name, field in (("candidates", "num_candidates"), ("num", "num_chains"), ("length", "length")):

        def fits(value: int, field: str = field) -> bool:
            smaller = replace(request, config=replace(request.config, **{field: value}))
            return peak_of(model, smaller, keeps_records=keeps_records) <= free

        if fits(1):
            value = 1
            while fits(2 * value):
                value *= 2
            raise Refusal("memory", **numbers, setting=name, most=value)
    raise Refusal("memory-all", **numbers)


def peak_of(model: Model, request: Request, *, keeps_records: bool = False) -> int:
    """Bytes that a run holds at once beyond its weights, no less than what it will be. Loads the networks that the
    run asks. `keeps_records`: of a reader that collects all step records."""
    config, spec = request.config, SAMPLERS[request.sampler]
    B, L, V = config.num_chains, config.length, model.tokenizer.vocab_size
    if not spec.denoises:
        return _left_to_right(model, B, L, V) + keeps_records * L * B * (4 * V + BYTES_A_TOKEN * L)
    energies = energy_terms(request.energy) if spec.asks_energy else ()
    reads = spec.reads is not Reads.NOTHING
    K = config.num_candidates if reads or any(term.kind is not Kind.NOTHING for term in energies) else 1
    tokens = B * K * L
    rows = tokens if spec.denoises_candidates else B * L  # that the denoiser reads at once
    table = 4 * rows * V
    tables = 1 + 2 * (config.temperature != 1) + 3 * (config.adaptive or spec.ranks_marginals)
    R = min(rows, ROWS_OF_LOGITS)
    draw = R * (6 * V + 64 * 32 * K)  # a block of rows and their K draws
    record = 4 * B * L * V + BYTES_A_TOKEN * tokens
    if spec.writes_with_a_language_model:
        draw += 8 * 8 * B * V  # laws of the next token, in float64, and what is left of them
    energy = max((_energy_bytes(model, term, B * K, L, reads) for term in energies), default=0)
    denoiser = _network_bytes(model.denoiser.network.config, rows, L, model.dtype)
    step = max(denoiser, tables * table + BYTES_A_TOKEN * tokens + max(draw, energy))
    if not keeps_records:
        return record + step
    steps = config.num_steps if spec.keeps_timetable else L
    share = 1.0 if spec.remasks else min(1.0, 0.6 * (1 + 1 / steps))  # what is masked, on the average
    return int(steps * share * record) + step


def free_bytes(device: torch.device) -> int:
    """Of the device's memory: the machine's, or what a control group leaves of it to this process."""
    if device.type == "cuda":
        free, _total = torch.cuda.mem_get_info(device)
        return free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
    return min([psutil.virtual_memory().available, *_left_by_groups(Path("/sys/fs/cgroup"))])


def _left_by_groups(root: Path) -> list[int]:
    """What the control groups (version 2 or 1) still leave, where they limit anything."""
    left = []
    for limit, used, statistics, key in CGROUPS:
        try:
            most, now = (root / limit).read_text().strip(), int((root / used).read_text())
            cache = dict(line.split() for line in (root / statistics).read_text().splitlines())
        except (OSError, ValueError):
            continue
        if most.isdecimal():
            left.append(int(most) - now + int(cache.get(key, 0)))
    return left


# ── the networks ───────────────────────────────────────────────────────────────────
def _network_bytes(shape: TransformerConfig, positions: int, length: int, dtype: torch.dtype) -> int:
    numbers = max(4 * shape.width + 3 * shape.hidden, 10 * shape.width)
    angles = 6 * 4 * length * shape.width // shape.heads
    return positions * numbers * dtype.itemsize + angles


def _energy_bytes(model: Model, term: EnergySpec, texts: int, length: int, reads: bool) -> int:
    """What one call of an energy holds, beside the candidates."""
    if term.kind is Kind.NOTHING and not reads:
        return 0
    if term.kind is Kind.TEXT:
        return _text_bytes(model, term.name.removeprefix(TEXT), min(texts, TEXTS_AT_ONCE), length)
    if term.kind is Kind.LEARNED:
        shape = model.learned_energy.network.config
        pair = 3 * shape.width * texts * length * model.dtype.itemsize
        return pair + _network_bytes(shape, texts * length, length, model.dtype)
    language_model = model.smollm2_adapted if term.pretrained else model.autoregressive
    shape = language_model.network.config
    hidden = texts * length * shape.width * model.dtype.itemsize
    logits = (8 + model.dtype.itemsize) * min(texts * length, ROWS_OF_LOGITS) * language_model.vocab_size
    return hidden + logits + _network_bytes(shape, texts * length, length, model.dtype)


def _text_bytes(model: Model, name: str, texts: int, length: int) -> int:
    """A reader with as large a vocabulary as ours meets about as many tokens; one of single bytes, five times more."""
    config = model.text_model(name).model.config
    longer = 1.5 if config.vocab_size >= model.tokenizer.vocab_size else 5
    tokens = int(texts * min(longer * length, getattr(config, "max_position_embeddings", longer * length)))
    return tokens * (16 * config.vocab_size + 4 * 4 * (10 * config.hidden_size))


def _left_to_right(model: Model, B: int, L: int, V: int) -> int:
    shape = model.autoregressive.network.config
    kept = 2 * shape.width * shape.kv_heads // shape.heads * B * L * model.dtype.itemsize  # of one block
    read = _network_bytes(shape, B, 1, model.dtype)
    return kept * (shape.depth + 2) + read + 24 * B * V + BYTES_A_TOKEN * B * L
