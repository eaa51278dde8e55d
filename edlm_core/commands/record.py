"""`record`: write a run file, with its samplers side by side, for the Watch page to play."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..config import JUDGES, SAMPLERS, Request
from ..models.checkpoints import load_model
from ..runs.recording import Recording
from ..runs.run_file import save_run
from .sample import add_sampling_arguments, config_of


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("record", help="write a run file for the Watch page")
    parser.add_argument("file", type=Path, help="where to write it, for instance assets/runs/walk.json")
    parser.add_argument("--title", default="", help="what the page calls it")
    parser.add_argument(
        "--samplers", nargs="+", choices=SAMPLERS, default=["mdlm", "edlm"], help="one lane each, at most three"
    )
    parser.add_argument("--judge", nargs="*", choices=JUDGES, default=["ar"], help="judges of the finished texts")
    add_sampling_arguments(parser)
    parser.set_defaults(run=run_record)


def run_record(args: argparse.Namespace) -> None:
    model = load_model(args.model)
    config = config_of(args)
    requests = [Request(sampler, args.energy, config, args.prompt) for sampler in args.samplers]
    recording = Recording(model, requests, args.title)
    for _ in recording.steps():
        pass
    recording.measure(args.judge)
    args.file.write_bytes(save_run(recording.run()))
