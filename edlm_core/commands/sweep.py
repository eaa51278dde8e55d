"""`sweep`: a grid of settings times many seeds, written and measured into the store by a process of its own."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from ..catalogue import JUDGES
from ..characters import json_line
from ..config import MAX_CHAINS, Request, SampleConfig
from ..durations import spoken
from ..files import read_bounded
from ..measure.batch import how_of, installed_judges, tools
from ..measure.command_line import VARIED
from ..measure.grid import changed, grid
from ..measure.plan import Plan, plan
from ..measure.presets import PRESETS
from ..measure.rates import measured_rates
from ..refusals import Refusal
from ..settings import Switch, check_whole
from ..work.cells import kept_seeds
from ..work.cores import MOST_THREADS, sweep_threads
from ..work.detached import Detached
from ..work.hands import HERE, RAY
from ..work.store import Store
from ..work.sweep_task import MeasureCells, sweep_of
from ..work.task import TaskId
from . import Commands
from .following import ended, follow, named, print_sweeps, sweep_by_id

PROMPT_BYTES = 1 << 20


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("sweep", help="measure a grid of settings, the same seeds in each")
    add = parser.add_argument
    add("--preset", choices=PRESETS, help="; ".join(f"{p.name}: {p.about}" for p in PRESETS.values()))
    for name, setting in VARIED.items():
        add(setting.flag, dest=name, default=None, **_several(setting))
    add("--prompts", type=Path, metavar="FILE", help="a prompt a line, in place of --prompt")
    add("--num", type=int, help="texts of each setting; text n is drawn from seed + n")
    add("--seed", type=int, default=0)
    add("--model", default="tales", help="a bundled model's name, or a model folder")
    add("--judge", choices=JUDGES, nargs="+", help="by default all that are installed")
    add("--together", type=int, default=16, help="texts written in one batch")
    add("--threads", type=int, help=f"of the networks; EDLM_THREADS, or the cores there are, at most {MOST_THREADS}")
    add("--on", default=HERE, metavar="here|ray|ray://HOST:PORT", help="this process's child, Ray here, a Ray cluster")
    add("--dry-run", action="store_true", help="say what it would take, and do nothing")
    add("--detach", action="store_true", help="don't wait: print its name and leave it to itself")
    add("--resume", nargs="?", const="", metavar="NAME", help="go on with one that stopped or was killed, the last one")
    add("--stop", metavar="NAME", help="end one after the step at hand; what is written stays")
    add("--next", metavar="NAME", help="let one that waits come next")
    add("--first", nargs="+", metavar="CELL", help="with --resume or --next: the cells that are wanted first, by name")
    add("--list", action="store_true", help="all sweeps of the store")
    add("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run_sweep)


def run_sweep(args: argparse.Namespace) -> None:
    store = Store()
    detached = Detached(store)
    if args.list:
        print_sweeps(detached, json=args.json)
    elif args.stop is not None:
        detached.stop(named(detached, args.stop))
    elif args.next is not None:
        detached.ledger.hurry(_ordered(detached, args.next, args.first))
    elif args.resume is not None:
        _do(detached, sweep_by_id(detached, _ordered(detached, args.resume, args.first)), args)
    else:
        _begin(detached, args)
    store.close()


def _begin(detached: Detached, args: argparse.Namespace) -> None:
    _check(args)
    requests = requests_of(args)
    threads = sweep_threads() if args.threads is None else args.threads
    how = how_of(args.model, args.judge or installed_judges(), together=args.together, threads=threads)
    task = sweep_of(requests, how, title=args.preset or "", on=args.on)
    cells = task.cells
    kept = kept_seeds(detached.store, list(cells))
    told = plan(cells, kept, how.judges, None)
    if told.left:
        told = plan(cells, kept, how.judges, measured_rates(tools(how)[0], how, task.requests))
    if args.dry_run:
        print(json_line(_about(task, told)) if args.json else _words(task, told))
        return
    if not args.json and not args.detach:
        print(_words(task, told), flush=True)
    _do(detached, task, args)


def _do(detached: Detached, task: MeasureCells, args: argparse.Namespace) -> None:
    id = detached.submit(task)
    if args.detach:
        print(json_line({"sweep": id}) if args.json else id)
        return
    follow(detached, task, id)
    ended(detached, task, id, json=args.json)


# ── what is asked ────────────────────────────────────────────────────────────────
def requests_of(args: argparse.Namespace) -> list[Request]:
    """A preset's, or a grid's: what was given of one takes the place of the preset's own value. Raises Refusal."""
    given = {name: getattr(args, name) for name in VARIED if getattr(args, name) is not None}
    if args.prompts is not None:
        lines = read_bounded(args.prompts, PROMPT_BYTES).decode("utf-8", "replace").splitlines()
        given["prompt"] = [line for line in lines if line.strip()]
    if "window" in given:
        given["window"] = [tuple(window) for window in given["window"]]
    preset = PRESETS.get(args.preset or "")
    if preset is None and not given:
        raise Refusal("sweep-nothing")
    num = args.num if args.num is not None else preset.num if preset is not None else 64
    check_whole("num", num, 1, MAX_CHAINS)
    base = preset.requests(num) if preset is not None else [Request(config=SampleConfig(num_chains=num))]
    return [request for one in base for request in grid(changed(one, seed=args.seed), **given)]


def _several(setting: Any) -> dict[str, Any]:
    """What argparse is told of a setting that may have many values."""
    told = setting.argument()
    if isinstance(setting, Switch):
        return {"help": told["help"], "nargs": "+", "type": _switch, "metavar": "0|1"}
    if told.get("nargs") == 2:
        return told | {"action": "append"}
    return told | {"nargs": "+"}


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise argparse.ArgumentTypeError(f"expected 0 or 1, got {text!r}")
    return text == "1"


def _check(args: argparse.Namespace) -> None:
    """Raises Refusal."""
    check_whole("together", args.together, 1, 1024)
    if args.threads is not None:
        check_whole("threads", args.threads, 1, 1024)
    if args.on not in (HERE, RAY) and not re.fullmatch(r"ray://[^/\s:]+:\d{1,5}", args.on):
        raise Refusal("ray-address", got=repr(args.on)[:80])


def _ordered(detached: Detached, name: str, first: list[str] | None) -> TaskId:
    """The sweep of that name, its cells from now on in this order. Raises Refusal."""
    id = named(detached, name)
    if first:
        detached.ledger.reorder(id, first)
    return id


# ── what is said before ──────────────────────────────────────────────────────────
def _about(task: MeasureCells, told: Plan) -> dict[str, Any]:
    how = {"model": task.how.model, "weights": task.how.fingerprint, "threads": task.how.threads, "on": task.on}
    known = {"judges": task.how.judges, "device": task.how.device, "dtype": task.how.dtype, "cells": told.cells}
    return how | known | {"texts": told.texts, "kept": told.kept, "seconds": told.seconds}


def _words(task: MeasureCells, told: Plan) -> str:
    time = "" if not told.seconds else f", about {spoken(told.seconds)} in one process here"
    kept = f", {told.kept} of them are in the store and will not be done again" if told.kept else ""
    threads = f"{task.how.threads} thread" + "s" * (task.how.threads > 1)
    return f"{told.cells} settings, {told.texts} texts{kept}{time} ({task.how.device}, {task.how.dtype}, {threads})"
