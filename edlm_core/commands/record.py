"""`record`: write a run file, with its samplers side by side, for the Watch page to play."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..config import JUDGES, SAMPLERS, Request
from ..files import check_writable, write_whole
from ..models.checkpoints import load_model
from ..runs.recording import Recording, check_title
from ..runs.run_file import save_run
from .sample import add_sampling_arguments, config_of


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("record", help="write a run file for the Watch page")
    parser.add_argument("file", type=Path, help="where to write it, for instance assets/runs/walk.json")
    parser.add_argument("--force", action="store_true", help="replace the file if it is there already")
    parser.add_argument("--title", default="", help="what the page calls it")
    parser.add_argument(
        "--samplers", nargs="+", choices=SAMPLERS, default=["mdlm", "edlm"], help="one lane each, at most three"
    )
    parser.add_argument("--judge", nargs="*", choices=JUDGES, default=["ar"], help="judges of the finished texts")
    add_sampling_arguments(parser)
    parser.set_defaults(run=run_record)


def run_record(args: argparse.Namespace) -> None:
    check_writable(args.file, replace=args.force)
    check_title(args.title)
    model = load_model(args.model)
    config = config_of(args)
    requests = [Request(sampler, args.energy, config, args.prompt) for sampler in args.samplers]
    recording = Recording(model, requests, args.title)
    for _ in recording.steps():
        pass
    recording.measure(args.judge)
    write_whole(args.file, save_run(recording.run()), replace=args.force)
