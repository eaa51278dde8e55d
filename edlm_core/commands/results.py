"""`results`: what the store has measured, by setting; summed up, listed, and as a file for other programs."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ..characters import json_line, visible
from ..files import check_writable
from ..measure.command_line import sweep_command
from ..models.tokenizer import check_sendable
from ..refusals import Refusal
from ..work.cells import CellFigures, figures
from ..work.detached import Detached
from ..work.export import COLUMNS, as_csv, as_database, as_json, export, rows_of
from ..work.schema import FILTERED
from ..work.store import Store
from . import Commands
from .following import figure, named, sweep_by_id, without_nan
from .sample import CONFIG, REQUEST

FORMATS = {".csv": as_csv, ".json": as_json, ".db": as_database}
SHARED = [name for name in COLUMNS[: COLUMNS.index("text")] if name not in ("created", "seed", "batch")]


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("results", help="what sweeps have measured: list, filter, sum up, export")
    add = parser.add_argument
    for name in FILTERED:
        setting = {**REQUEST, **CONFIG}.get(name)
        flag = setting.flag if setting is not None else "--weights" if name == "fingerprint" else f"--{name}"
        add(flag, dest=name, nargs="+", type=int if name.startswith("num_") else str, help="of these alone")
    add("--cell", nargs="+", help="of these settings alone, by name")
    add("--sweep", metavar="NAME", help="of this sweep's settings alone")
    add("--texts", action="store_true", help="the texts themselves, a line each")
    add("--to", type=Path, metavar="FILE", help=f"every row into a file: {', '.join(FORMATS)}; prints its SHA-256")
    add("--force", action="store_true", help="replace a file that is there already")
    add("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run_results)


def run_results(args: argparse.Namespace) -> None:
    if args.to is not None:
        if args.to.suffix not in FORMATS:
            raise Refusal("choice", name="to", known=", ".join(FORMATS), got=repr(args.to.suffix))
        check_writable(args.to, replace=args.force)
    wanted = _wanted(args)
    store = Store()
    if args.sweep is not None:
        detached = Detached(store)
        wanted["cell"] = list(sweep_by_id(detached, named(detached, args.sweep)).cells)
    found = figures(store, **wanted)
    if args.to is not None:
        rows = rows_of(store, [one.cell for one in found])
        digest = export(args.to, FORMATS[args.to.suffix](rows), replace=args.force)
        told = {"file": str(args.to), "rows": len(rows), "sha256": digest}
        print(json_line(told) if args.json else f"{digest}  {args.to}")
    elif args.texts:
        for row in rows_of(store, [one.cell for one in found]):
            print(json_line(row) if args.json else visible(f"{row['cell']} {row['seed']} {row['text']}"))
    elif args.json:
        print(json_line({"cells": [_json(one) for one in found]}))
    else:
        print(_table(found))
    store.close()


def _wanted(args: argparse.Namespace) -> dict[str, Any]:
    """The values that rows must have, by column. Raises Refusal where no row can have one."""
    wanted = {name: getattr(args, name) for name in ("cell", *FILTERED) if getattr(args, name)}
    for name, values in wanted.items():
        for value in values:
            if isinstance(value, int):
                CONFIG[name].check(value)
            else:
                check_sendable(value)
    return wanted


def _json(one: CellFigures) -> dict[str, Any]:
    setting = {name: getattr(one.setting, name) for name in SHARED}
    command = sweep_command({name: getattr(one.setting, name) for name in COLUMNS}, one.texts)
    known = {"measured": without_nan(one.measured), "missing": one.missing}
    return {"cell": one.cell, "texts": one.texts, "setting": setting, **known, "command": command}


def _table(found: list[CellFigures]) -> str:
    header = ["cell", "sampler", "energy", "T", "K", "reveal", "L", "texts", "NLL by smollm2", "NLL by ar", "entropy"]
    lines = [[*header, "s a text"]]
    for one in found:
        s = one.setting
        cells = [one.cell, s.sampler, s.energy, s.num_steps, s.num_candidates, s.reveal, s.length, one.texts]
        for name in ("judge_nll_smollm2", "judge_nll_ar", "entropy"):
            cells.append(_figure(one, name, 2))
        lines.append([*map(str, cells), _figure(one, "seconds", 3)])
    rule = "|" + "---|" * len(lines[0])
    rows = ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join([rows[0], rule, *rows[1:]])


def _figure(one: CellFigures, name: str, digits: int) -> str:
    if name not in one.measured:
        return "–"
    return figure(one.measured[name], digits)
