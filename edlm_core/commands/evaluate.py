"""`evaluate`: the figures of a model card, measured on its weights."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..checkpoints import Model, load_model
from ..config import ENERGIES, JUDGES, MAX_CHAINS, REVEALS, SampleConfig, check_whole
from ..corpus import load_corpus
from ..evaluation import Row, effect, likelihood

Interval = tuple[float, float]


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("evaluate", help="measure a model: likelihood, and what the energy does")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--data", type=Path, help="corpus folder, for likelihood and the row of real text")
    parser.add_argument("--num", type=int, default=256, help="texts a row, paired by seed")
    parser.add_argument("--length", type=int, default=48)
    parser.add_argument("--steps", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--candidates", type=int, nargs="+", default=[8])
    parser.add_argument("--energy", choices=ENERGIES[1:], nargs="+", default=["ar"])
    parser.add_argument("--judge", choices=JUDGES, nargs="+", default=["ar"])
    parser.add_argument("--reveal", choices=REVEALS, nargs="+", default=["random"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the Markdown tables")
    parser.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> None:
    check_whole("num", args.num, 2, 100 * MAX_CHAINS)
    for steps in args.steps:
        for candidates in args.candidates:  # refuses what the sampler refuses, before an hour of work
            SampleConfig(length=args.length, num_steps=steps, num_candidates=candidates, seed=args.seed)
    model = load_model(args.model)
    valid = load_corpus(args.data, model.tokenizer)["valid"] if args.data is not None else None
    figures = likelihood(model, valid.fixed_windows(1024, 64)) if valid is not None else {}
    rows = []
    for row in effect(
        model, num_texts=args.num, length=args.length, steps=args.steps, candidates=args.candidates,
        energies=args.energy, judges=args.judge, reveals=args.reveal, seed=args.seed,
        reference=valid.fixed_windows(args.num, args.length) if valid is not None else None,
    ):  # fmt: skip
        print(f"{row.sampler} {row.energy} T={row.steps} K={row.candidates} {row.reveal}", file=sys.stderr, flush=True)
        rows.append(row)
    if args.json:
        about = {"model": model.name, "fingerprint": model.fingerprint, "num": args.num, "length": args.length}
        print(json.dumps(about | {"likelihood": figures, "effect": [asdict(row) for row in rows]}))
    else:
        print(_markdown(model, args, figures, rows))


def _markdown(model: Model, args: argparse.Namespace, figures: dict[str, Interval], rows: list[Row]) -> str:
    def cell(interval: Interval | None, sign: str = "") -> str:
        return "–" if interval is None else f"{interval[0]:{sign}.2f} ± {interval[1]:.2f}"

    lines = [f"Weights {model.fingerprint}, {args.num} texts a row, L = {args.length}, seeds from {args.seed}.", ""]
    lines += [f"- {name}: {mean:.3f} ± {half:.3f} nats per token" for name, (mean, half) in figures.items()]
    judges = [f"NLL by {judge} | against mdlm" for judge in args.judge]
    header = ["sampler", "energy", "reveal", "T", "K", *judges, "entropy", "repeated words", "ESS", "s per text"]
    lines += ["", "| " + " | ".join(header) + " |", "|" + "---|" * (len(header) + len(judges))]
    for row in rows:
        cells = [row.sampler, row.energy, row.reveal, str(row.steps or "–"), str(row.candidates or "–")]
        for judge in args.judge:
            own = judge == row.energy or (row.sampler, judge) == ("ar", "ar")
            cells += [cell(row.judge_nll[judge]) + (" (self-judged)" if own else ""),
                      cell(row.against_mdlm.get(judge), "+")]  # fmt: skip
        cells += [
            cell(row.entropy),
            f"{100 * row.repeated_words[0]:.1f} %",
            f"{row.ess:.2f}",
            f"{row.seconds_per_text:.3f}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
