"""`exact`: how far each sampler's law is from the target, in worlds where the target is known exactly."""

from __future__ import annotations

import argparse

from ..catalogue import SAMPLERS
from ..characters import json_line
from ..config import REVEALS, SampleConfig
from ..measure.contest import chance_error, markov_error
from ..measure.telling import part
from ..method.schedules import LogLinearSchedule
from ..refusals import Refusal
from ..worlds.exact import chain_law
from ..worlds.world import pairs_world, random_world, total_variation
from . import Commands
from .progress import Progress, progress

MARKOV = "markov"
FEWEST = 16  # texts, a thousand pairs of neighbours for 64 kinds of them: by chance alone the error is 0.09
WORLDS = {
    "pairs": pairs_world,
    "dirichlet": lambda: random_world(vocab_size=3, length=3, concentration=0.15, seed=0),
}


def add_arguments(commands: Commands) -> None:
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
    config = SampleConfig(num_steps=args.steps, num_candidates=args.candidates, num_chains=args.num, reveal=args.reveal)
    if args.world == MARKOV and args.num < FEWEST:
        raise Refusal("few-texts", least=FEWEST, got=args.num)
    with progress() as tell:
        figures = _markov(config, tell) if args.world == MARKOV else _enumerated(args, tell)
    answer = {"world": args.world, "steps": args.steps, "candidates": args.candidates, **figures}
    if args.json:
        print(json_line(answer))
    else:
        print("\n".join(f"{name:16} {value}" for name, value in answer.items()))


def _markov(config: SampleConfig, tell: Progress) -> dict[str, float | None]:
    """Transition errors at L = 64, where exact marginals come from forward-backward."""
    names = [name for name, sampler in SAMPLERS.items() if sampler.denoises]
    errors: dict[str, float | None] = {"by_chance": chance_error(config.num_chains)}
    for n, name in enumerate(names):
        errors[name] = markov_error(name, config, num_texts=config.num_chains, tell=part(tell, n, len(names)))
    return errors


def _enumerated(args: argparse.Namespace, tell: Progress) -> dict[str, float]:
    world, schedule = WORLDS[args.world](), LogLinearSchedule()
    laws = {"tv_mdlm": (1, 1.0), "tv_edlm": (args.candidates, 1.0), "tv_flipped_sign": (args.candidates, -1.0)}
    distances: dict[str, float] = {}
    for n, (name, (K, sign)) in enumerate(laws.items()):
        tell(n / len(laws), name)
        distances[name] = total_variation(world.joint, chain_law(world, schedule, args.steps, K, sign=sign))
    return distances
