"""`exact`: the exact laws of the samplers in a world small enough to enumerate."""

from __future__ import annotations

import argparse
import json

from ..config import SampleConfig
from ..exact import chain_law, pairs_world, random_world, total_variation
from ..schedules import LogLinearSchedule

WORLDS = {
    "pairs": pairs_world,
    "dirichlet": lambda: random_world(vocab_size=3, length=3, concentration=0.15, seed=0),
}


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("exact", help="distances of each sampler's exact law to the target")
    parser.add_argument("--world", choices=WORLDS, default="pairs")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--candidates", type=int, default=8)
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_exact)


def run_exact(args: argparse.Namespace) -> None:
    SampleConfig(num_steps=args.steps, num_candidates=args.candidates)  # refuses what the sampler refuses
    world, schedule = WORLDS[args.world](), LogLinearSchedule()

    def distance(candidates: int, sign: float = 1.0) -> float:
        return total_variation(world.joint, chain_law(world, schedule, args.steps, candidates, sign=sign))

    answer = {
        "world": args.world,
        "steps": args.steps,
        "candidates": args.candidates,
        "tv_mdlm": distance(1),
        "tv_edlm": distance(args.candidates),
        "tv_flipped_sign": distance(args.candidates, sign=-1.0),
    }
    if args.json:
        print(json.dumps(answer))
    else:
        print("\n".join(f"{name:16} {value}" for name, value in answer.items()))
