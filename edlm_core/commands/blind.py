"""`blind`: a sheet of texts whose writers nobody can tell, and what its readers said."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import msgspec

from ..catalogue import SAMPLERS
from ..config import Request
from ..files import check_writable, read_bounded, write_whole
from ..measure.blind import MAX_BYTES, MAX_PAIRS, Key, fingerprint, read_answers, read_key, shuffled
from ..measure.blind_sheet import sheet_page, sheet_text
from ..measure.readings import Analysis, analyse
from ..measure.sweep import batches, cells, sweep
from ..models.checkpoints import Model, load_model
from ..refusals import Refusal
from ..settings import check_whole
from . import Commands
from .announce import announce
from .progress import progress
from .sample import add_sampling_arguments, config_of

KEY, TEXT, PAGE = "key.json", "sheet.txt", "sheet.html"


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("blind", help="a sheet for blind readers, and what they said")
    parser.add_argument("--out", type=Path, required=True, help=f"folder of {TEXT}, {PAGE} and {KEY}")
    parser.add_argument("--answers", type=Path, nargs="+", help="readers' files: tell what they said of that sheet")
    parser.add_argument(
        "--lanes", nargs="+", choices=tuple(SAMPLERS), default=["mdlm", "edlm", "ar"], help="two or more samplers"
    )
    parser.add_argument("--num", type=int, default=60, help="pairs of texts")
    parser.add_argument("--force", action="store_true", help="replace a sheet that is there already")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the tables of --answers")
    add_sampling_arguments(parser, without=("sampler", "num_chains"))
    parser.set_defaults(run=run_blind)


def run_blind(args: argparse.Namespace) -> None:
    if args.answers is not None:
        _tell(args)
        return
    check_whole("num", args.num, 1, MAX_PAIRS)
    if len(set(args.lanes)) < max(2, len(args.lanes)):
        raise Refusal("blind-lanes", got=" ".join(args.lanes))
    base = replace(config_of(args), num_chains=args.num)
    requests = [Request(name, args.energy, base, args.prompt) for name in args.lanes]
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("file-unwritable", path=args.out, error=error.strerror) from None
    for name in (TEXT, PAGE, KEY):
        check_writable(args.out / name, replace=args.force)
    model = load_model(args.model)
    announce(model, batches(requests))
    with progress() as told:
        texts = {m.asked.sampler: m.texts for m in cells(sweep(model, requests), told)}
    pairs = shuffled(texts, args.num, args.seed)
    key = Key(fingerprint(pairs), _about(model, requests[0]), pairs)
    for name, content in (
        (TEXT, sheet_text(pairs)),
        (PAGE, sheet_page(pairs)),
        (KEY, msgspec.json.format(msgspec.json.encode(key))),
    ):
        write_whole(args.out / name, content, replace=args.force)
    print(f"{args.out / TEXT} and {args.out / PAGE} are for readers, {args.out / KEY} is not.")


def _about(model: Model, request: Request) -> dict[str, str]:
    config = request.config
    return {
        "model": model.name,
        "weights": model.fingerprint,
        "dtype": str(model.dtype).removeprefix("torch."),
        "energy": request.energy,
        "settings": f"L = {config.length}, T = {config.num_steps}, K = {config.num_candidates}, {config.reveal}",
    }


def _tell(args: argparse.Namespace) -> None:
    key = read_key(read_bounded(args.out / KEY, MAX_BYTES))
    analysis = analyse(key, [read_answers(read_bounded(path, MAX_BYTES), key) for path in args.answers])
    print(json.dumps(key.about | asdict(analysis)) if args.json else _tables(key, analysis))


def _tables(key: Key, found: Analysis) -> str:
    lines = ["| lane | other | pairs | better | worse | same | share |", "|---|---|---|---|---|---|---|"]
    for p in found.preferences:
        share, low, high = (f"{100 * value:.0f}" for value in p.share)
        cells = (p.lane, p.other, p.pairs, f"{p.won:.1f}", f"{p.lost:.1f}", f"{p.same:.1f}")
        lines.append("| " + " | ".join(map(str, cells)) + f" | {share} % ({low} to {high}) |")
    lines += ["", "| lane | texts | rating, 1 to 5 | right English |", "|---|---|---|---|"]
    for r in found.ratings:
        right, half = (100 * value for value in r.right_english)
        lines.append(f"| {r.lane} | {r.texts} | {r.rating[0]:.2f} ± {r.rating[1]:.2f} | {right:.0f} ± {half:.0f} % |")
    agree = "" if found.agreement is None else f" Two readers agree on {found.agreement:.0%}, kappa {found.kappa:.2f}."
    about = ", ".join(f"{name} {value}" for name, value in key.about.items())
    return "\n".join([*lines, "", f"{found.readers} reader(s) of sheet {key.sheet}: {about}.{agree}"])
