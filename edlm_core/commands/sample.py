"""`sample`: write texts, print one JSON object."""

from __future__ import annotations

import argparse
import json
from collections.abc import Collection
from dataclasses import asdict

from ..catalogue import JUDGES
from ..characters import visible
from ..config import Request, SampleConfig
from ..models.checkpoints import load_model
from ..runs.metrics import judge_nll
from ..runs.steps import judge_by_name, run, x_T_of
from ..settings import Setting, settings_of
from . import Commands
from .progress import progress

CONFIG, REQUEST = settings_of(SampleConfig), settings_of(Request)


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("sample", help="write texts with a trained model")
    add_sampling_arguments(parser)
    parser.add_argument("--judge", choices=JUDGES, default=None, help="also report each text's nats per token")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the bare texts")
    parser.set_defaults(run=run_sample)


def add_sampling_arguments(parser: argparse.ArgumentParser, *, without: Collection[str] = ()) -> None:
    """The model, and what decides a run: a flag each field of Request and SampleConfig, but for some."""
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    for described, defaults in ((REQUEST, Request), (CONFIG, SampleConfig)):
        for name, setting in described.items():
            if name not in without:
                _add(parser, setting, getattr(defaults, name))


def _add(parser: argparse.ArgumentParser, setting: Setting, default: object) -> None:
    parser.add_argument(setting.flag, default=default, **setting.argument())


def config_of(args: argparse.Namespace) -> SampleConfig:
    """What a command has no flag for has its default. Raises Refusal."""
    given = {name: getattr(args, setting.dest) for name, setting in CONFIG.items() if hasattr(args, setting.dest)}
    return SampleConfig.of(given)


def request_of(args: argparse.Namespace, sampler: str) -> Request:
    return Request(sampler, args.energy, config_of(args), args.prompt)


def run_sample(args: argparse.Namespace) -> None:
    request = request_of(args, args.sampler)
    model = load_model(args.model)
    with progress() as told:
        trace, cost = run(model, request, lambda share: told(share, f"writing by {args.sampler}"))
    texts = [model.tokenizer.decode(row) for row in trace.x_0.tolist()]
    if not args.json:
        print(visible("\n\n".join(texts)))
        return
    about = {
        "model": model.name,
        "sampler": args.sampler,
        "energy": args.energy,
        "prompt": args.prompt,
        "fingerprint": model.fingerprint,
        "dtype": str(model.dtype).removeprefix("torch."),
    }
    answer = {
        "texts": texts,
        "config": asdict(request.config) | about,
        "denoiser_calls": cost.denoiser_calls,
        "energy_calls": cost.energy_calls,
        "seconds": round(cost.seconds, 3),
        "ess": [round(e, 3) for e in cost.ess],
        "device": str(model.device),
    }
    if args.judge is not None:
        judge = judge_by_name(model, args.judge)
        generated = x_T_of(model, request).eq(model.tokenizer.mask_id).expand(args.num, -1)
        answer["judge"] = args.judge
        answer["judge_nll"] = judge_nll(judge, trace.x_0.to(model.device), generated)
    print(json.dumps(answer, ensure_ascii=False))
