"""`sample`: write texts, print one JSON object."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from ..characters import visible
from ..config import ENERGIES, JUDGES, REVEALS, SAMPLERS, Request, SampleConfig
from ..models.checkpoints import load_model
from ..runs.metrics import judge_nll
from ..runs.steps import judge_by_name, run, x_T_of


def add_arguments(commands: argparse._SubParsersAction) -> None:
    parser = commands.add_parser("sample", help="write texts with a trained model")
    parser.add_argument("--sampler", choices=SAMPLERS, default="edlm")
    add_sampling_arguments(parser)
    parser.add_argument("--num", type=int, default=1, help="how many texts")
    parser.add_argument("--judge", choices=JUDGES, default=None, help="also report each text's nats per token")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the bare texts")
    parser.set_defaults(run=run_sample)


def add_sampling_arguments(parser: argparse.ArgumentParser) -> None:
    """What decides a run, shared with `record`."""
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--energy", default="ar", help=f"{', '.join(ENERGIES)}, text:<model>, or several joined by +")
    parser.add_argument("--steps", type=int, default=SampleConfig.num_steps)
    parser.add_argument("--candidates", type=int, default=SampleConfig.num_candidates)
    parser.add_argument("--reveal", choices=REVEALS, default=SampleConfig.reveal,
                        help="dilated: the positions of one step lie far apart")  # fmt: skip
    parser.add_argument("--adaptive", action="store_true",
                        help="no more candidates than exp(entropy of what is masked)")  # fmt: skip
    parser.add_argument("--window", type=float, nargs=2, default=SampleConfig.window, metavar=("LOW", "HIGH"))
    parser.add_argument("--temperature", type=float, default=SampleConfig.temperature)
    parser.add_argument("--energy-temperature", type=float, default=SampleConfig.energy_temperature)
    parser.add_argument("--length", type=int, default=SampleConfig.length, help="tokens in a text")
    parser.add_argument("--prompt", default=None, help="text to begin with; each underscore is a blank to fill")
    parser.add_argument("--seed", type=int, default=SampleConfig.seed, help="text n is drawn from seed + n")


def config_of(args: argparse.Namespace, num_chains: int = 1) -> SampleConfig:
    return SampleConfig(
        length=args.length, num_steps=args.steps, num_candidates=args.candidates, window=tuple(args.window),
        reveal=args.reveal, adaptive=args.adaptive,
        temperature=args.temperature, energy_temperature=args.energy_temperature, num_chains=num_chains, seed=args.seed,
    )  # fmt: skip


def run_sample(args: argparse.Namespace) -> None:
    config = config_of(args, args.num)
    request = Request(args.sampler, args.energy, config, args.prompt)
    model = load_model(args.model)
    trace, cost = run(model, request)
    texts = [model.tokenizer.decode(row) for row in trace.x_0.tolist()]
    if not args.json:
        print(visible("\n\n".join(texts)))
        return
    answer = {
        "texts": texts,
        "config": asdict(config) | {"model": model.name, "sampler": args.sampler, "energy": args.energy,
                                    "prompt": args.prompt, "fingerprint": model.fingerprint,
                                    "dtype": str(model.dtype).removeprefix("torch.")},
        "denoiser_calls": cost.denoiser_calls,
        "energy_calls": cost.energy_calls,
        "seconds": round(cost.seconds, 3),
        "ess": [round(e, 3) for e in cost.ess],
        "device": str(model.device),
    }  # fmt: skip
    if args.judge is not None:
        judge = judge_by_name(model, args.judge)
        generated = x_T_of(model, request).eq(model.tokenizer.mask_id).expand(args.num, -1)
        answer["judge"] = args.judge
        answer["judge_nll"] = judge_nll(judge, trace.x_0.to(model.device), generated)
    print(json.dumps(answer, ensure_ascii=False))
