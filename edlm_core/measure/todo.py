"""What of a sweep is still to be done, and what comes next. No torch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from ..catalogue import networks_of
from ..config import Request
from ..runs.costs import estimate_seconds
from .grid import changed

ROUGHLY = {"denoiser": 3.0, "baseline": 36.0}  # seconds a token, an energy's being 1: how far a sweep has come


@dataclass(frozen=True)
class Batch:
    """Texts that are written together."""

    cell: str
    request: Request


@dataclass
class Cell:
    """One request of a sweep: how many of its texts are kept, and the batches of those that are not yet begun."""

    name: str
    request: Request
    done: int
    cost: float  # of a text
    waiting: list[Request] = field(repr=False)

    @property
    def of(self) -> int:
        return self.request.config.num_chains


class Todo:
    """Seeds go side by side: every cell has its first batch before one has its second, so that what is there can be
    compared in pairs at any moment."""

    def __init__(self, cells: Mapping[str, Request], kept: Mapping[str, Set[int]], together: int) -> None:
        """`kept`: the seeds that are in the store, by cell."""
        self.cells: dict[str, Cell] = {}
        for name, request in cells.items():
            there = kept.get(name, set())
            waiting = list(batches(request, there, together))
            done = len(there & set(seeds_of(request)))
            self.cells[name] = Cell(name, request, done, cost_of(request), waiting)

    def next(self, ahead: Sequence[str] = ()) -> Batch | None:
        """The cells of `ahead` before the others; taken from what waits."""
        waiting = [cell for cell in self.cells.values() if cell.waiting]
        if not waiting:
            return None
        first = {name: n for n, name in enumerate(ahead)}
        cell = min(waiting, key=lambda cell: (first.get(cell.name, len(first)), cell.waiting[0].config.seed))
        return Batch(cell.name, cell.waiting.pop(0))

    @property
    def empty(self) -> bool:
        """Nothing waits; what has been taken may still be in hand."""
        return not any(cell.waiting for cell in self.cells.values())

    def finish(self, batch: Batch) -> None:
        self.cells[batch.cell].done += batch.request.config.num_chains

    def give_up(self, batch: Batch) -> None:
        """Nothing more of this cell."""
        self.cells[batch.cell].waiting.clear()

    @property
    def share(self) -> float:
        """Of the work, cheap texts counting less than dear ones."""
        cells = self.cells.values()
        return sum(cell.cost * cell.done for cell in cells) / sum(cell.cost * cell.of for cell in cells)


def batches(request: Request, kept: Set[int], together: int) -> Iterator[Request]:
    """The texts whose seeds are not kept, at most `together` in one; seeds of a batch follow each other."""
    for seeds in _runs(seed for seed in seeds_of(request) if seed not in kept):
        for n in range(0, len(seeds), together):
            yield changed(request, seed=seeds[n], num_chains=len(seeds[n : n + together]))


def seeds_of(request: Request) -> range:
    return range(request.config.seed, request.config.seed + request.config.num_chains)


def cost_of(request: Request) -> float:
    """Of a text, in units that tell cheap requests from dear ones."""
    rates = ROUGHLY | dict.fromkeys(networks_of(request.sampler, request.energy), 1.0)
    return estimate_seconds([request], rates) or 1.0


def _runs(seeds: Iterable[int]) -> Iterator[list[int]]:
    """Cut where one is left out."""
    run: list[int] = []
    for seed in seeds:
        if run and seed != run[-1] + 1:
            yield run
            run = []
        run.append(seed)
    if run:
        yield run
