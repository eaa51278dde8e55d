"""`record`: write a run file, with its samplers side by side, for the Watch page to play."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..catalogue import JUDGES, SAMPLERS
from ..files import check_writable, write_whole
from ..models.checkpoints import load_model
from ..refusals import Refusal
from ..runs.recording import Recording, check_title
from ..runs.run_file import save_run
from . import Commands
from .announce import announce
from .progress import progress
from .sample import add_sampling_arguments, request_of

MAX_LANES = 3


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("record", help="write a run file for the Watch page")
    parser.add_argument("file", type=Path, help="where to write it, for instance assets/runs/walk.json")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there already")
    parser.add_argument("--title", default="", help="what the page calls it")
    parser.add_argument(
        "--samplers",
        nargs="+",
        choices=tuple(SAMPLERS),
        default=["mdlm", "edlm"],
        help=f"one lane each, at most {MAX_LANES}",
    )
    parser.add_argument("--judge", nargs="*", choices=tuple(JUDGES), default=["ar"], help="of the finished texts")
    add_sampling_arguments(parser, without=("sampler", "num_chains"))
    parser.set_defaults(run=run_record)


def run_record(args: argparse.Namespace) -> None:
    if len(args.samplers) > MAX_LANES:
        raise Refusal("lanes-many", most=MAX_LANES, got=len(args.samplers))
    requests = [request_of(args, sampler) for sampler in args.samplers]
    check_title(args.title)
    check_writable(args.file, replace=args.force)
    model = load_model(args.model)
    announce(model, requests)
    recording = Recording(model, requests, args.title)
    with progress() as told:
        for share in recording.steps():
            told(share, "recording")
    recording.measure(args.judge)
    write_whole(args.file, save_run(recording.result()), replace=args.force)
