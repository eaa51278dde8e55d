"""`bench`: how fast the samplers are on this machine, all contestants on the same weights, interleaved."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..catalogue import JUDGES
from ..characters import json_line
from ..config import MAX_CHAINS
from ..files import check_writable, write_whole
from ..measure.bench.claim import claim
from ..measure.bench.machine import machine
from ..measure.bench.parts import parts
from ..measure.bench.plot import growth_svg
from ..measure.bench.races import FULL, QUICK, run_races
from ..measure.bench.scaling import scaling
from ..models.checkpoints import Model, load_model
from ..refusals import Refusal
from ..settings import check_whole
from . import Commands
from .progress import progress

RACES = tuple(race.name for race in FULL)


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("bench", help="measure the samplers' speed against the published ones")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--quick", action="store_true", help="smaller sizes: under two minutes on two cores")
    parser.add_argument("--race", choices=RACES, nargs="+", default=None, help="these alone (default: all there are)")
    parser.add_argument("--rounds", type=int, default=None, help="how often each race is run (default: its own number)")
    parser.add_argument("--scaling", action="store_true", help="how time grows with L, T, K, B, V (not the races)")
    parser.add_argument("--plot", type=Path, default=None, help="write --scaling as a picture, an SVG file")
    parser.add_argument("--force", action="store_true", help="replace the picture if it is there already")
    parser.add_argument(
        "--claim", action="store_true", help="how soon samplers write as well as the AR baseline (not the races)"
    )
    parser.add_argument(
        "--parts", action="store_true", help="where the time goes: denoiser, energy, draws, the rest (not the races)"
    )
    parser.add_argument("--judge", choices=JUDGES, default="smollm2", help="of --claim")
    parser.add_argument("--num", type=int, default=64, help="texts a point of --claim")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the Markdown table")
    parser.set_defaults(run=run_bench)


def run_bench(args: argparse.Namespace) -> None:
    check_whole("num", args.num, 2, MAX_CHAINS)
    races = [race for race in (QUICK if args.quick else FULL) if args.race is None or race.name in args.race]
    if not races:
        raise Refusal("race", got=" ".join(args.race or ()))
    if args.rounds is not None:
        check_whole("rounds", args.rounds, 1, 100)
        races = [replace(race, rounds=args.rounds) for race in races]
    if args.plot is not None:
        check_writable(args.plot, replace=args.force)
    model = load_model(args.model)
    answer = about(model)
    if args.scaling or args.plot:
        with progress() as tell:
            growth = scaling(model, tell=tell)
        answer["scaling"] = {letter: asdict(g) for letter, g in growth.items()}
        if args.plot:
            write_whole(args.plot, growth_svg(growth), replace=args.force)
    if args.claim:
        with progress() as tell:
            answer["claim"] = claim(model, args.judge, args.num, tell)
    if args.parts:
        with progress() as tell:
            answer["parts"] = [asdict(one) for one in parts(model, tell)]
    if args.race is not None or not (args.scaling or args.plot or args.claim or args.parts):
        with progress() as tell:
            results = run_races(races, model, tell)
        answer |= {"quick": args.quick} | headline(results) | {"races": results}
    print(json_line(answer) if args.json else tables(answer))


def about(model: Model) -> dict[str, Any]:
    """What was measured where."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "device": str(model.device),
        "machine": machine(),
        "model": model.name,
        "fingerprint": model.fingerprint,
        "dtype": str(model.dtype).removeprefix("torch."),
    }


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


def tables(answer: dict[str, Any]) -> str:
    """The answer as Markdown."""
    lines = [f"{_in_words(answer)}. Medians, quartiles in brackets."]
    if "races" in answer:
        lines += ["", "| race | B | L | T | K | seconds | ratio | by processor time | goal |"]
        lines += ["|---|---|---|---|---|---|---|---|---|"]
    for name, result in answer.get("races", {}).items():
        c, r = result["config"], result["ratio"]
        seconds = ", ".join(f"{who} {_spread(s)}" for who, s in result["seconds"].items())
        goal = result["goal"] + (": reached" if result["reached"] else ": not reached")
        lines.append(
            f"| {name} | {c['num_chains']} | {c['length']} | {c['num_steps']} | {c['num_candidates']} "
            f"| {seconds} | {r['of']} = {_spread(r)} | {_spread(result['cpu_ratio'])} | {goal} |"
        )
    if "scaling" in answer:
        lines += ["", "| varied | seconds at each size | exponent |", "|---|---|---|"]
    for letter, growth in answer.get("scaling", {}).items():
        seconds = ", ".join(f"{n}: {s['median']:.3g}" for n, s in zip(growth["sizes"], growth["seconds"], strict=True))
        lines.append(f"| {letter} | {seconds} | {growth['exponent']:.2f} |")
    if "parts" in answer:
        lines += ["", "| sampler | B | L | T | K | seconds | denoiser | energy | draws | the rest |"]
        lines += ["|---|---|---|---|---|---|---|---|---|---|"]
    for p in answer.get("parts", []):
        known = [p[name] for name in ("denoiser", "energy", "draws")]
        told = " | ".join(f"{share / p['seconds']:.0%}" for share in (*known, p["seconds"] - sum(known)))
        lines.append(
            f"| {p['sampler']} | {p['texts']} | {p['length']} | {p['steps']} | {p['candidates']} "
            f"| {p['seconds']:.3g} | {told} |"
        )
    if "claim" in answer:
        c = answer["claim"]
        lines += ["", f"| sampler | T | reveal | temperature | NLL by {c['judge']} | entropy | s per text |"]
        lines += ["|---|---|---|---|---|---|---|"]
        for p in [c["baseline"], *c["points"]]:
            nll, entropy = (f"{mean:.2f} ± {half:.2f}" for mean, half in (p["judge_nll"], p["entropy"]))
            lines.append(
                f"| {p['sampler']} | {p['steps']} | {p['reveal']} | {p['temperature']} | {nll} | {entropy} "
                f"| {p['seconds_per_text']:.3f} |"
            )
        lines += [""] + [
            f"- {name}: {c[name]}"
            for name in ("time_to_baseline", "claimed_speedup", "time_to_best_mdlm", "speedup_to_best_mdlm")
        ]
    return "\n".join(lines)


def _in_words(answer: dict[str, Any]) -> str:
    on = answer["machine"]
    parts = [
        on["processor"],
        " ".join(on["instructions"]),
        "fused bf16 kernels" if on["fused_bf16"] else "no fused bf16 kernels",
        f"{on['cores']} cores",
        f"{on['threads']} threads",
        answer["device"],
        answer["dtype"],
        *(f"{name} {on[key]}" for name, key in (("torch", "torch"), ("MKL", "mkl"), ("oneDNN", "onednn")) if on[key]),
    ]
    return ", ".join(part for part in parts if part)


def _spread(s: dict[str, Any]) -> str:
    return f"{s['median']:.3g} [{s['lower']:.3g}, {s['upper']:.3g}]"
