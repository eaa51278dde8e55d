"""`sample`: write texts, print one JSON object."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from dataclasses import asdict

from ..catalogue import JUDGES
from ..characters import json_line, visible
from ..config import Request, SampleConfig
from ..measure.measures import Measures
from ..measure.trial import Trial
from ..models.checkpoints import load_model
from ..settings import Setting, settings_of
from . import Commands
from .announce import announce
from .progress import progress

CONFIG, REQUEST = settings_of(SampleConfig), settings_of(Request)


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("sample", help="write texts with a trained model")
    add_sampling_arguments(parser)
    parser.add_argument(
        "--judge",
        choices=JUDGES,
        default=None,
        help="behind each text its nats per token, and what tells dull from good: entropy and repeated words",
    )
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


def _told(text: str, figures: str) -> str:
    return f"{text}\n{figures}" if figures else text


def _figures(measures: Measures) -> list[str]:
    """A line a text where a judge read it: its figure never stands without the two that tell dull from good."""
    lines = []
    for n, (entropy, repeated) in enumerate(zip(measures.entropy, measures.repeated_words, strict=True)):
        judged = [f"{nll[n]:.3f} nats per token by {judge}" for judge, nll in measures.judge_nll.items()]
        beside = [f"entropy {entropy:.3f}", f"repeated words {repeated:.1%}"]
        lines.append(", ".join(judged + beside) if judged else "")
    return lines


def run_sample(args: argparse.Namespace) -> None:
    request = request_of(args, args.sampler)
    model = load_model(args.model)
    announce(model, [request])
    judges = [] if args.judge is None else [args.judge]
    trial = Trial(model, request, judges)
    with progress() as told:
        for _ in trial:
            told(trial.share, f"writing by {args.sampler}")
    measures = trial.measures()
    if not args.json:
        print(visible("\n\n".join(map(_told, measures.texts, _figures(measures)))))
        return
    about = {
        "model": model.name,
        "sampler": args.sampler,
        "energy": args.energy,
        "prompt": args.prompt,
        "fingerprint": model.fingerprint,
        "dtype": measures.conditions.dtype,
    }
    answer = {
        "texts": measures.texts,
        "config": asdict(request.config) | about,
        "denoiser_calls": measures.denoiser_calls,
        "energy_calls": measures.energy_calls,
        "seconds": round(measures.seconds, 3),
        "ess": [round(e, 3) for e in measures.ess],
        "device": measures.conditions.device,
    }
    for judge in judges:
        answer |= {
            "judge": judge,
            "judge_nll": measures.judge_nll[judge],
            "entropy": measures.entropy,
            "repeated_words": measures.repeated_words,
        }
    print(json_line(answer))
