"""`bench`: how fast the samplers are on this machine, all contestants on the same weights, interleaved."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

import torch

from ..bench.races import FULL, QUICK, run_race
from ..checkpoints import Model, load_model

RACES = tuple(race.name for race in FULL)


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("bench", help="measure the samplers' speed against the published ones")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--quick", action="store_true", help="smaller sizes: under two minutes on two cores")
    parser.add_argument("--race", choices=RACES, nargs="+", default=None, help="these alone (default: all there are)")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the Markdown table")
    parser.set_defaults(run=run_bench)


def run_bench(args: argparse.Namespace) -> None:
    model = load_model(args.model)
    races = [race for race in (QUICK if args.quick else FULL) if args.race is None or race.name in args.race]
    if not races:
        raise ValueError(f"race: expected one that --quick has, got {' '.join(args.race)}: leave --quick away")
    results = {}
    for race in races:
        print(race.name, file=sys.stderr, flush=True)
        results[race.name] = run_race(race, model)
    answer = about(model) | {"quick": args.quick} | headline(results) | {"races": results}
    print(json.dumps(answer) if args.json else table(answer))


def about(model: Model) -> dict[str, Any]:
    """What was measured where. Load is the machine's mean queue of the last minute: above the cores, distrust."""
    return {
        "device": str(model.device),
        "machine": {
            "processor": _processor(), "cores": os.cpu_count(), "threads": torch.get_num_threads(),
            "load": round(os.getloadavg()[0], 2), "torch": torch.__version__, "python": platform.python_version(),
        },
        "model": model.name,
        "fingerprint": model.fingerprint,
        "dtype": str(model.dtype).removeprefix("torch."),
    }  # fmt: skip


def headline(results: dict[str, Any]) -> dict[str, Any]:
    """The ratios that are goals, by their medians; null where the race was not run."""

    def median(*names: str) -> list[float]:
        return [results[name]["ratio"]["median"] for name in names if name in results]

    return {
        "overhead_ratio": max(median("overhead_b1", "overhead_b16"), default=None),
        "speedup_vs_published": next(iter(median("published_b16")), None),
        "mdlm_vs_cache": next(iter(median("mdlm_cache")), None),
        "calls": {name: result["calls"] for name, result in results.items()},
        "peak_bytes": {name: result["peak_bytes"] for name, result in results.items()},
    }


def table(answer: dict[str, Any]) -> str:
    machine = answer["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads, {answer['device']}, "
        f"{answer['dtype']}, torch {machine['torch']}. Medians, quartiles in brackets.",
        "",
        "| race | B | L | T | K | seconds | ratio | goal |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, result in answer["races"].items():
        c, r = result["config"], result["ratio"]
        seconds = ", ".join(f"{who} {_spread(s)}" for who, s in result["seconds"].items())
        goal = result["goal"] + (": reached" if result["reached"] else ": not reached")
        lines.append(
            f"| {name} | {c['num_chains']} | {c['length']} | {c['num_steps']} | {c['num_candidates']} "
            f"| {seconds} | {r['of']} = {_spread(r)} | {goal} |"
        )
    return "\n".join(lines)


def _spread(s: dict[str, Any]) -> str:
    return f"{s['median']:.3g} [{s['lower']:.3g}, {s['upper']:.3g}]"


def _processor() -> str:
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
