"""`showcase`: choose and record the runs that come with the app."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..catalogue import JUDGES
from ..files import check_writable, write_whole
from ..measure.showcase import SHOWS, differences, record
from ..measure.sweep import batches
from ..models.checkpoints import load_model
from ..runs.run_file import save_run
from ..settings import check_whole
from . import Commands
from .announce import announce
from .progress import progress

MOST_SEEDS = 256


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("showcase", help="choose by rule and write the ready-made runs of the Watch page")
    parser.add_argument("folder", type=Path, help="where to write them, for instance assets/runs")
    parser.add_argument("--force", action="store_true", help="replace files that are there already")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--seeds", type=int, default=16, help="how many are looked at in each setting")
    parser.add_argument(
        "--only", nargs="+", choices=[show.name for show in SHOWS], default=None, help="some of the runs, by name"
    )
    parser.add_argument(
        "--judge", nargs="+", choices=tuple(JUDGES), default=list(JUDGES), help="of the texts; the first one decides"
    )
    parser.set_defaults(run=run_showcase)


def run_showcase(args: argparse.Namespace) -> None:
    check_whole("seeds", args.seeds, 1, MOST_SEEDS)
    shows = [show for show in SHOWS if args.only is None or show.name in args.only]
    paths = {show.name: args.folder / f"{show.name}.json" for show in shows}
    for path in paths.values():
        check_writable(path, replace=args.force)
    model = load_model(args.model)
    announce(model, batches([request for show in shows for request in show.requests(0, args.seeds)]))
    known: dict[tuple[object, ...], list[float]] = {}  # two runs may be chosen from the same texts
    with progress() as told:
        for n, show in enumerate(shows):
            setting = (show.samplers[:2], show.config, show.prompt, show.energy)

            def tell(share: float, what: str, n: int = n) -> None:
                told((n + share) / len(shows), what)

            if setting not in known:
                known[setting] = differences(model, show, args.seeds, args.judge[0], tell)
            run = record(model, show, known[setting], args.judge)
            write_whole(paths[show.name], save_run(run), replace=args.force)
            print(f"{show.name}: seed {run.config.seed}. {run.about}", flush=True)
