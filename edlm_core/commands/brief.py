"""`brief`: one page for a meeting, from a board or from a sweep."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec.structs import replace as with_fields

from ..catalogue import JUDGES, SAMPLERS
from ..characters import visible
from ..files import check_writable
from ..measure.board import Board, board_named, kept_boards, lines, read_board
from ..measure.brief.content import Brief, brief
from ..measure.brief.markdown import markdown
from ..measure.brief.sheet import sheet
from ..measure.kpis import KPIS, Row
from ..measure.opponents import conditions, first_pair, heard
from ..refusals import Refusal
from ..work.board_samples import recorded_trials, samples_of
from ..work.cells import CellFigures, Trials, figures
from ..work.detached import Detached
from ..work.export import export
from ..work.store import Store
from . import Commands
from .following import named, sweep_by_id


def _slide(found: Brief) -> bytes:
    from ..measure.brief.slide import slide

    return slide(found)


WRITERS: Mapping[str, Callable[[Brief], str | bytes]] = {".html": sheet, ".md": markdown, ".pptx": _slide}
ROWS = ".csv"


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("brief", help="one page for a meeting, from a board or a sweep")
    add = parser.add_argument
    whose = parser.add_mutually_exclusive_group()
    whose.add_argument("--board", metavar="NAME", help="one that is kept, or the .json file of one")
    whose.add_argument("--recorded", nargs="?", const="tales", metavar="NAME", help="the sweep that comes with the app")
    whose.add_argument("--sweep", metavar="NAME", help="one of the store's; all that it has, if nothing is said")
    whose.add_argument("--boards", action="store_true", help="the names of all that are kept")
    add("--cell", nargs="+", metavar="CELL", help="its setting, and one beside it; chosen by most texts if not given")
    add("--judge", choices=JUDGES)
    add("--target", nargs="+", default=[], metavar="NAME=NUMBER", help=f"instead of the board's: {', '.join(KPIS)}")
    add("--price", type=float, help="of an hour of this machine")
    add("--to", type=Path, metavar="FILE", help=f"{', '.join(WRITERS)}, or {ROWS} for its rows; prints its SHA-256")
    add("--force", action="store_true", help="replace a file that is there already")
    parser.set_defaults(run=run_brief)


def run_brief(args: argparse.Namespace) -> None:
    """Without --to, Markdown goes to stdout."""
    if args.boards:
        print("\n".join(visible(board.name) for board in kept_boards()[0]))
        return
    if args.to is not None:
        if args.to.suffix not in (*WRITERS, ROWS):
            raise Refusal("choice", name="to", known=", ".join([*WRITERS, ROWS]), got=repr(args.to.suffix))
        check_writable(args.to, replace=args.force)
    given = {name: value for name, value in (("judge", args.judge), ("price", _price(args.price))) if value is not None}
    board, trials = _board(args)
    board = with_fields(board, targets=board.targets | _targets(args.target), **given)
    found = samples_of(trials, board)
    names = [name_of(sample.rows[0]) for sample in found.samples]
    told = brief(board, lines(board, *found.samples), found.samples, names, found.sha)
    if args.to is None:
        print(markdown(told), end="")
        return
    written = found.csv if args.to.suffix == ROWS else WRITERS[args.to.suffix](told)
    data = written.encode() if isinstance(written, str) else written
    print(f"{export(args.to, data, replace=args.force)}  {args.to}")


def name_of(setting: Row) -> str:
    """A setting by its sampler, T and K."""
    named = {"num_steps": "T", "num_candidates": "K"}
    numbers = [f"{named[name]} = {setting[name]}" for name in heard(setting["sampler"]) if name in named]
    return ", ".join([SAMPLERS[setting["sampler"]].label, *numbers])


def _board(args: argparse.Namespace) -> tuple[Board, Trials]:
    """And where its texts are. Raises Refusal."""
    if args.board is not None:
        path = Path(args.board)
        board = read_board(path) if path.suffix == ".json" else board_named(args.board)
        return board, recorded_trials(board.source) if board.source else Store()
    source = args.recorded or ""
    trials = recorded_trials(source) if source else Store()
    wanted = {}
    if args.sweep is not None:
        detached = Detached(Store())
        wanted["cell"] = list(sweep_by_id(detached, named(detached, args.sweep)).cells)
    if args.cell:
        return Board(args.cell[0], args.cell[1] if len(args.cell) > 1 else None, source), trials
    return _first(figures(trials, **wanted), source), trials


def _first(known: list[CellFigures], source: str) -> Board:
    """Among the settings that may be compared with most others."""
    if not known:
        raise Refusal("brief-nothing")
    groups: dict[object, list[CellFigures]] = {}
    for one in known:
        groups.setdefault(conditions(one.row), []).append(one)
    largest = max(groups.values(), key=lambda group: sum(one.texts for one in group))
    own, other = first_pair([(one.row, one.texts) for one in largest])
    judge = next((name for name in JUDGES if own[f"judge_nll_{name}"] is not None), next(iter(JUDGES)))
    return Board(own["cell"], other["cell"] if other is not None else None, source, judge)


def _price(price: float | None) -> float | None:
    if price is not None and not 0 <= price <= 1e6:
        raise Refusal("real", name="price", least=0, most=10**6, got=price)
    return price


def _targets(given: list[str]) -> dict[str, float]:
    found = {}
    for pair in given:
        name, _, number = pair.partition("=")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if name not in KPIS or not 0 <= value <= KPIS[name].most:
            raise Refusal("brief-target", known=", ".join(KPIS), got=repr(pair)[:40])
        found[name] = value
    return found
