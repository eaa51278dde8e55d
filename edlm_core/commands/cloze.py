"""`cloze`: how often samplers fill blanks so that the words agree, by rule and level."""

from __future__ import annotations

import argparse
import math
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from ..catalogue import ENERGIES, SAMPLERS
from ..characters import json_line
from ..config import REVEALS, Request, SampleConfig
from ..measure.cloze import RULES, Cloze, Filling, Template, templates
from ..measure.filled import Filled, cloze_command, keep
from ..measure.filling_in import fill_in
from ..measure.trial import conditions_of
from ..measure.trial_row import setting_of
from ..models.checkpoints import Model, load_model
from ..refusals import Refusal
from . import Commands
from .bench import about
from .progress import progress
from .sample import CONFIG

LESS_ASKED = ("window", "temperature", "energy_temperature", "adaptive")
LEVELS = sorted({template.level for template in templates()})


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("cloze", help="blanks with a known answer: do words drawn together fit together?")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--samplers", choices=SAMPLERS, nargs="+", default=["mdlm", "edlm", "corrector", "ar"])
    parser.add_argument("--energy", choices=ENERGIES, default="ar")
    parser.add_argument("--steps", type=int, default=1, help="1: all blanks of a template are drawn at once")
    parser.add_argument("--candidates", type=int, default=8)
    parser.add_argument("--reveal", choices=REVEALS, default="random")
    for name in LESS_ASKED:
        parser.add_argument(CONFIG[name].flag, default=getattr(SampleConfig, name), **CONFIG[name].argument())
    parser.add_argument("--num", type=int, default=4, help="texts a template, paired by seed")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rules", choices=RULES, nargs="+", default=list(RULES))
    parser.add_argument("--levels", type=int, choices=LEVELS, nargs="+", default=LEVELS)
    parser.add_argument("--keep", action="store_true", help="for the board of Measure, by sampler and setting")
    parser.add_argument("--texts", action="store_true", help="every text with what was made of it")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    parser.set_defaults(run=run_cloze)


def run_cloze(args: argparse.Namespace) -> None:
    given: dict[str, Any] = {name: getattr(args, name) for name in LESS_ASKED}
    given["window"] = tuple(args.window)
    config = SampleConfig(
        num_steps=args.steps,
        num_candidates=args.candidates,
        reveal=args.reveal,
        num_chains=args.num,
        seed=args.seed,
        **given,
    )
    requests = [Request(sampler, args.energy, config, "_") for sampler in args.samplers]
    chosen = [template for template in templates() if template.rule in args.rules and template.level in args.levels]
    if len(chosen) < 2:
        raise Refusal("few-templates", got=len(chosen))
    if args.keep and len(chosen) < len(templates()):
        raise Refusal("cloze-keep")
    model = load_model(args.model)
    with progress() as tell:
        found = list(fill_in(model, requests, chosen, tell))
    if args.keep:
        for cloze in found:
            _keep(model, cloze)
    if args.json:
        rows = [_row(cloze, found[0], texts=args.texts) for cloze in found]
        asked = {"templates": len(chosen), **asdict(config), "energy": args.energy}
        print(json_line(about(model) | asked | {"rows": rows}))
        return
    if args.texts:
        for cloze in found:
            for _template, text, filling in _texts(cloze):
                print(f"{cloze.request.sampler:12} {filling:14} {text}")
    print(_table(found, chosen, f"{model.name} {model.fingerprint}"))


def _keep(model: Model, cloze: Cloze) -> None:
    setting, where = setting_of(cloze.request) | {"model": model.name}, asdict(conditions_of(model))
    setting["fingerprint"] = where.pop("fingerprint")
    share, half = cloze.share()
    config = cloze.request.config
    command = f"{cloze_command(setting)} --num {config.num_chains} --seed {config.seed}"
    found = Filled(
        share=share,
        half=half,
        templates=len(cloze.templates),
        texts=len(cloze.templates) * config.num_chains,
        first_seed=config.seed,
        weights=setting["fingerprint"],
        date=datetime.now(UTC).date().isoformat(),
        command=f"EDLM_DTYPE={where['dtype']} {command}",
        **{name: where[name] for name in ("device", "dtype", "threads", "processor")},
    )
    keep(setting, found)


def _table(found: list[Cloze], chosen: list[Template], weights: str) -> str:
    """Shares in percent with the half-width of their 95 % intervals. `agree of both`: of the fillings that fit or
    contradict, those that fit."""
    first = found[0].request
    rules = [rule for rule in RULES if any(template.rule == rule for template in chosen)]
    columns = ["sampler", "fits", "contradicts", "off", "agree of both", f"against {first.sampler}", *rules]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    for cloze in found:
        cells = [cloze.request.sampler, *(_percent(cloze.share(filling)) for filling in Filling)]
        agree, low, high = (100 * share for share in cloze.agreement())
        cells.append("–" if math.isnan(agree) else f"{agree:.0f} ({low:.0f} to {high:.0f})")
        cells.append("–" if cloze is found[0] else _percent(cloze.difference(found[0]), "+"))
        cells += [_percent(cloze.share(rule=rule)) for rule in rules]
        lines.append("| " + " | ".join(cells) + " |")
    config = first.config
    setting = f"T = {config.num_steps}, K = {config.num_candidates}, energy {first.energy}, {config.num_chains} texts"
    lines += ["", f"{len(chosen)} templates, {setting} a template paired by seed, weights {weights}; percent ± 95 %."]
    return "\n".join(lines)


def _percent(interval: tuple[float, float], sign: str = "") -> str:
    mean, half = interval
    return f"{100 * mean:{sign}.0f} ± {100 * half:.0f}"


def _row(cloze: Cloze, first: Cloze, *, texts: bool) -> dict[str, object]:
    row: dict[str, object] = {
        "sampler": cloze.request.sampler,
        "shares": {filling: cloze.share(filling) for filling in Filling},
        "agreement": [None if math.isnan(share) else share for share in cloze.agreement()],
        "rules": {rule: cloze.share(rule=rule) for rule in RULES if cloze.has(rule=rule)},
        "levels": {level: cloze.share(level=level) for level in LEVELS if cloze.has(level=level)},
        "against_first": cloze.difference(first),
    }
    if texts:
        row["texts"] = [[template.rule, template.level, text, filling] for template, text, filling in _texts(cloze)]
    return row


def _texts(cloze: Cloze) -> list[tuple[Template, str, Filling]]:
    rows = zip(cloze.templates, cloze.texts, cloze.fillings, strict=True)
    return [
        (template, text, filling)
        for template, texts, fillings in rows
        for text, filling in zip(texts, fillings, strict=True)
    ]
