"""`import`: read a public checkpoint, by networks of this project; say whether it answers as the published code did."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from ..characters import json_line
from ..models.checkpoints import DTYPES, best_device
from ..models.published.layout import load_published
from ..models.published.parity import Agreement, agreements, certificate, read_answers
from ..refusals import Refusal
from ..runs.budget import RESERVE, free_bytes
from . import Commands

CLOSE = 1e-4  # in float32: what another order of sums explains


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("import", help="read a public checkpoint: MDLM, LLaDA or Dream; no code of it is run")
    parser.add_argument("path", help="a folder with config.json and safetensors")
    parser.add_argument("--expected", help="a safetensors file with an input and what the published code answered")
    parser.add_argument("--dtype", choices=DTYPES, default="float32")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the lines")
    parser.set_defaults(run=run_import)


def run_import(args: argparse.Namespace) -> None:
    folder = Path(args.path)
    if not folder.is_dir():
        raise Refusal("import-folder", got=repr(args.path))
    answers = None if args.expected is None else read_answers(Path(args.expected))
    device = best_device()
    published = load_published(folder, free=free_bytes(device) - RESERVE, dtype=DTYPES[args.dtype])
    found = [] if answers is None else agreements(published, answers)
    written = certificate(published)
    if args.json:
        largest = {"max_difference": max(a.max_difference for a in found)} if found else {}
        print(json_line(written | largest | {"dtype": args.dtype, "answers": [asdict(a) for a in found]}))
        return
    print(f"{written['family']}: {published.parameters:,} parameters in {len(published.shapes)} tensors")
    for agreement in found:
        print(_told(agreement))


def _told(agreement: Agreement) -> str:
    verdict = "agrees" if agreement.max_difference < CLOSE and agreement.argmax_equal else "differs"
    return f"{agreement.name}: {verdict}, largest difference {agreement.max_difference:.1e}"
