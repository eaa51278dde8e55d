"""`compare`: the table of all samplers, at stated cost, on stdout or into a file between two marks."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path

from ..catalogue import ENERGIES, JUDGES, Kind, self_judged
from ..config import MAX_CHAINS
from ..measure.contest import Contest, chance_error, contests
from ..models.checkpoints import load_model
from ..settings import check_whole

READABLE = [name for name, energy in ENERGIES.items() if energy.kind is Kind.AUTOREGRESSIVE]
BEGIN, END = "<!-- samplers:begin -->", "<!-- samplers:end -->"


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("compare", help="measure every sampler: exact worlds, a Markov world, real text")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--num", type=int, default=256, help="texts a row, paired by seed")
    parser.add_argument("--length", type=int, default=48)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--energy", choices=READABLE, default="ar")
    parser.add_argument("--judge", choices=JUDGES, nargs="+", default=["smollm2", "ar"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the Markdown table")
    parser.add_argument("--write", type=Path, help=f"put the table into this file, between {BEGIN} and {END}")
    parser.set_defaults(run=run_compare)


def run_compare(args: argparse.Namespace) -> None:
    check_whole("num", args.num, 2, 100 * MAX_CHAINS)
    page = args.write.read_text(encoding="utf-8") if args.write is not None else f"{BEGIN}{END}"
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise ValueError(f"write: expected {BEGIN} and {END} once each in {args.write}, got none or more: add them")
    model = load_model(args.model)
    rows = []
    for row in contests(
        model, num_texts=args.num, length=args.length, steps=args.steps, energy=args.energy, judges=args.judge,
        seed=args.seed,
    ):  # fmt: skip
        print(f"{row.sampler} {row.reveal} K={row.candidates}", file=sys.stderr, flush=True)
        rows.append(row)
    if args.json:
        about = {"model": model.name, "fingerprint": model.fingerprint, "num": args.num, "length": args.length,
                 "energy": args.energy, "chance_error": chance_error()}  # fmt: skip
        print(json.dumps(about | {"rows": [asdict(row) for row in rows]}))
        return
    table = _markdown(args, model.fingerprint, rows)
    if args.write is None:
        print(table)
    else:
        head, rest = page.split(BEGIN)
        args.write.write_text(f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def _markdown(args: argparse.Namespace, fingerprint: str, rows: list[Contest]) -> str:
    judges = [f"NLL by {judge}" for judge in args.judge]
    header = ["sampler", "reveal", "K", "denoiser calls", "drafts scored", "exact TV", "transition error", *judges,
              "entropy", "closed"]  # fmt: skip
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    for row in rows:
        cells = [row.sampler, row.reveal, str(row.candidates), f"{row.denoiser_calls:.0f}", f"{row.scored:.0f}"]
        cells += ["–" if value is None else f"{value:.3f}" for value in (row.exact_tv, row.transition_error)]
        for judge in args.judge:
            mean, half = row.judge_nll[judge]
            own = self_judged(judge, row.sampler, args.energy)
            cells.append(f"{mean:.2f} ± {half:.2f}" + (" *self*" if own else ""))
        share, low, high = row.closed
        cells += [f"{row.entropy[0]:.2f}", f"{100 * share:.0f} % ({100 * low:.0f} to {100 * high:.0f})"]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", f"Energy {args.energy}, T = {args.steps}, L = {args.length}, {args.num} texts a row paired by seed, "
              f"weights {fingerprint}; transition error by chance {chance_error():.3f}."]  # fmt: skip
    return "\n".join(lines)
