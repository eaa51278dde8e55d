"""`compare`: the table of all samplers, at stated cost, on stdout or into a file between two marks."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ..catalogue import ENERGIES, JUDGES, Kind, self_judged
from ..characters import json_line
from ..config import MAX_CHAINS, SampleConfig
from ..files import check_writable, read_bounded, write_whole
from ..measure.contest import Contest, chance_error, contest_requests, contests
from ..measure.sweep import batches
from ..models.checkpoints import load_model
from ..refusals import Refusal
from ..settings import check_whole
from . import Commands
from .announce import announce
from .progress import progress

READABLE = [name for name, energy in ENERGIES.items() if energy.kind is Kind.AUTOREGRESSIVE]
BEGIN, END = "<!-- samplers:begin -->", "<!-- samplers:end -->"
PAGE_BYTES = 4 << 20


def add_arguments(commands: Commands) -> None:
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
    check_whole("num", args.num, 2, MAX_CHAINS)
    config = SampleConfig(length=args.length, num_steps=args.steps, num_chains=args.num, seed=args.seed)
    requests = contest_requests(config, args.energy)
    if args.write is not None:
        with_table(args.write, "")
        check_writable(args.write, replace=True)
    model = load_model(args.model)
    announce(model, batches(requests))
    with progress() as tell:
        rows = list(contests(model, requests, args.judge, tell=tell))
    if args.json:
        asked = {name: getattr(args, name) for name in ("num", "length", "energy")}
        about = {"model": model.name, "fingerprint": model.fingerprint, **asked, "chance_error": chance_error()}
        print(json_line(about | {"rows": [asdict(row) for row in rows]}))
        return
    table = _markdown(args, model.fingerprint, rows)
    if args.write is None:
        print(table)
        return
    try:  # the page is read anew: somebody may have written in it meanwhile
        write_whole(args.write, with_table(args.write, table), replace=True)
    except Refusal:
        print(table)  # an hour of work is not lost
        raise


def with_table(path: Path, table: str) -> str:
    """The page with the table between its marks. Raises Refusal."""
    try:
        page = read_bounded(path, PAGE_BYTES).decode()
    except UnicodeDecodeError:
        raise Refusal("text-file", path=path) from None
    if page.count(BEGIN) != 1 or page.count(END) != 1:
        raise Refusal("marks", begin=BEGIN, end=END, path=path)
    head, rest = page.split(BEGIN)
    return f"{head}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}"


def _markdown(args: argparse.Namespace, fingerprint: str, rows: list[Contest]) -> str:
    judges = [f"NLL by {judge}" for judge in args.judge]
    known = ["sampler", "reveal", "K", "denoiser calls", "drafts scored", "exact TV", "transition error"]
    header = [*known, *judges, "entropy", "closed"]
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
    setting = f"Energy {args.energy}, T = {args.steps}, L = {args.length}, {args.num} texts a row paired by seed"
    lines += ["", f"{setting}, weights {fingerprint}; transition error by chance {chance_error():.3f}."]
    return "\n".join(lines)
