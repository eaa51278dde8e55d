"""`exact`: how far each sampler's law is from the target, in worlds where the target is known exactly."""

from __future__ import annotations

import argparse
import json

from ..catalogue import SAMPLERS
from ..config import REVEALS, SampleConfig
from ..measure.contest import chance_error, markov_error
from ..method.schedules import LogLinearSchedule
from ..worlds.exact import chain_law, pairs_world, random_world, total_variation

MARKOV = "markov"
WORLDS = {
    "pairs": pairs_world,
    "dirichlet": lambda: random_world(vocab_size=3, length=3, concentration=0.15, seed=0),
}


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("exact", help="distances of each sampler's exact law to the target")
    parser.add_argument("--world", choices=[*WORLDS, MARKOV], default="pairs")
    parser.add_argument("--steps", type=int, default=4)
    parser.add_argument("--candidates", type=int, default=8)
    parser.add_argument("--reveal", choices=REVEALS, default="random", help=f"for {MARKOV}")
    parser.add_argument("--num", type=int, default=256, help=f"for {MARKOV}: how many texts a sampler writes")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run_exact)


def run_exact(args: argparse.Namespace) -> None:
    # refuses what the sampler refuses
    SampleConfig(num_steps=args.steps, num_candidates=args.candidates, num_chains=args.num)
    answer = _markov(args) if args.world == MARKOV else _enumerated(args)
    if args.json:
        print(json.dumps(answer))
    else:
        print("\n".join(f"{name:16} {value}" for name, value in answer.items()))


def _markov(args: argparse.Namespace) -> dict:
    """Transition errors at L = 64, where exact marginals come from forward-backward."""
    names = [name for name, sampler in SAMPLERS.items() if sampler.denoises]
    return {
        "world": MARKOV,
        "steps": args.steps,
        "candidates": args.candidates,
        "by_chance": chance_error(args.num),
        **{name: markov_error(name, args.reveal, args.steps, args.candidates, num_texts=args.num) for name in names},
    }


def _enumerated(args: argparse.Namespace) -> dict:
    world, schedule = WORLDS[args.world](), LogLinearSchedule()

    def distance(candidates: int, sign: float = 1.0) -> float:
        return total_variation(world.joint, chain_law(world, schedule, args.steps, candidates, sign=sign))

    return {
        "world": args.world,
        "steps": args.steps,
        "candidates": args.candidates,
        "tv_mdlm": distance(1),
        "tv_edlm": distance(args.candidates),
        "tv_flipped_sign": distance(args.candidates, sign=-1.0),
    }
