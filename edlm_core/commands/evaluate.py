"""`evaluate`: the figures of a model card, measured on its weights."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..catalogue import ENERGIES, JUDGES, SAMPLERS, Kind, corrects_by_something
from ..characters import json_line
from ..config import MAX_CANDIDATES, MAX_CHAINS, REVEALS, SampleConfig
from ..measure.effect import Effect, effect, effect_requests
from ..measure.evaluation import Likelihoods, MaskedLogZ, largest_batches, likelihoods, log_z_by_masks
from ..measure.likelihood import NLL
from ..measure.log_z import LogZ
from ..measure.paired import Interval
from ..measure.sweep import batches
from ..models import embeddings, pretrained
from ..models.checkpoints import Model, load_model
from ..refusals import Refusal
from ..settings import check_whole
from ..training.corpus import Corpus, load_corpus
from . import Commands
from .announce import announce
from .progress import progress

LOG_Z_TEXTS = 16
WINDOW = 64  # tokens of a held-out text
CORRECTING = [name for name, energy in ENERGIES.items() if energy.kind is not Kind.NOTHING]


def add_arguments(commands: Commands) -> None:
    parser = commands.add_parser("evaluate", help="measure a model: likelihood, log Z, and what the energy does")
    parser.add_argument("--model", default="tales", help="a bundled model's name, or a model folder")
    parser.add_argument("--data", type=Path, help="corpus folder, for likelihood and the row of real text")
    parser.add_argument("--windows", type=int, default=32, help="held-out texts of 64 tokens, for likelihood")
    parser.add_argument("--draws", type=int, default=16, help="candidates that log Z is estimated from")
    parser.add_argument("--num", type=int, default=64, help="texts a row, paired by seed")
    parser.add_argument("--length", type=int, default=48)
    parser.add_argument("--steps", type=int, nargs="+", default=[8, 16])
    parser.add_argument("--candidates", type=int, nargs="+", default=[8])
    parser.add_argument("--energy", nargs="+", default=["ar"], help=f"{', '.join(CORRECTING)} or text:<model>")
    parser.add_argument("--judge", choices=JUDGES, nargs="+", help="all that are installed, if not given")
    parser.add_argument("--reveal", choices=REVEALS, nargs="+", default=["random"])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the Markdown tables")
    parser.set_defaults(run=run_evaluate)


def run_evaluate(args: argparse.Namespace) -> None:
    check_whole("num", args.num, 2, MAX_CHAINS)  # one text has no interval
    check_whole("windows", args.windows, 2, MAX_CHAINS)
    check_whole("draws", args.draws, 2, MAX_CANDIDATES)
    if not all(map(corrects_by_something, args.energy)):
        raise Refusal("no-energy")
    base = SampleConfig(length=args.length, num_chains=args.num, seed=args.seed)
    grid = {"steps": args.steps, "candidates": args.candidates, "energies": args.energy, "reveals": args.reveal}
    requests = effect_requests(base, **grid)  # refuses what the sampler refuses, before an hour of work
    model = load_model(args.model)
    left_out: dict[str, str] = {}
    split, held_out = _held_out(args, model)
    configs = list(dict.fromkeys(request.config for request in requests if SAMPLERS[request.sampler].asks_energy))
    largest = batches(requests) + largest_batches(
        args.energy, [], num_texts=LOG_Z_TEXTS, length=args.length, draws=args.draws
    )
    if held_out is not None:
        largest += largest_batches(args.energy, configs, num_texts=args.windows, length=WINDOW, draws=args.draws)
    announce(model, largest, timed=False)
    likelihood = None
    if held_out is None:
        left_out["likelihood"] = "it is of held-out text, which is not in this repository: give a corpus by --data"
    else:
        windows = held_out.fixed_windows(args.windows, WINDOW)
        with progress() as tell:
            likelihood = likelihoods(model, windows, args.energy, configs, z_draws=args.draws, tell=tell)
    judges = args.judge
    if judges is None:
        judges = [name for name, judge in JUDGES.items() if not judge.pretrained or pretrained.is_available()]
        left_out |= {f"judge {name}": str(pretrained.HOW_TO_GET) for name in JUDGES if name not in judges}
    embed = embeddings.load_embedder() if embeddings.is_available() else None
    if embed is None:
        left_out["similarity"] = str(embeddings.HOW_TO_GET)
    ends = []
    texts = {"num_texts": LOG_Z_TEXTS, "length": args.length, "draws": args.draws, "seed": args.seed}
    for name in args.energy:
        with progress() as tell:
            ends += log_z_by_masks(model, name, **texts, tell=tell)
    reference = held_out.fixed_windows(args.num, args.length) if held_out is not None else None
    with progress() as tell:
        rows = list(effect(model, requests, judges, reference=reference, embed=embed, tell=tell))
    about = {
        "model": model.name,
        "fingerprint": model.fingerprint,
        "device": str(model.device),
        "dtype": str(model.dtype).removeprefix("torch."),
        **{name: getattr(args, name) for name in ("num", "length", "seed")},
    }
    if args.json:
        answer = about | {
            "held_out": split,
            "likelihood": asdict(likelihood) if likelihood is not None else None,
            "log_z": [asdict(end) for end in ends],
            "effect": [asdict(row) for row in rows],
            "left_out": left_out,
        }
        print(json_line(_without_texts(answer)))
        return
    print(f"Weights {model.fingerprint}, {args.num} texts a row, L = {args.length}, seeds from {args.seed}.\n")
    if split is not None:
        print(f"Held-out text: the {split} part of the corpus.\n")
    tables = [*_likelihood_tables(likelihood), _log_z_table(ends), _effect_table(rows, judges)]
    print("\n\n".join(tables + [f"Left out: {name}: {reason}" for name, reason in left_out.items()]))


def _held_out(args: argparse.Namespace, model: Model) -> tuple[str | None, Corpus | None]:
    """The part of the corpus that nothing was fitted to or chosen by, its name first. Raises ValueError."""
    if args.data is None:
        return None, None
    corpus = load_corpus(args.data, model.tokenizer)
    split = "test" if "test" in corpus else "valid"
    return split, corpus[split]


def _without_texts(value: Any) -> Any:
    """Without what every single text had: a figure is an average and its interval."""
    if isinstance(value, dict):
        return {key: _without_texts(v) for key, v in value.items() if key != "per_text"}
    return [_without_texts(v) for v in value] if isinstance(value, list | tuple) else value


# ── Markdown ─────────────────────────────────────────────────────────────────────
def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _cell(interval: Interval | None, sign: str = "") -> str:
    return "–" if interval is None else f"{interval[0]:{sign}.2f} ± {interval[1]:.2f}"


def _likelihood_tables(figures: Likelihoods | None) -> list[str]:
    if figures is None:
        return []

    def line(name: str, nll: NLL, note: str = "–") -> list[str]:
        return [name, nll.kind, f"{nll.mean:.3f} ± {nll.over_texts:.3f}", f"± {nll.over_draws:.3f}", note]

    lines = [line("AR NLL", figures.ar_nll), line("MDLM NELBO", figures.mdlm_nelbo)]
    for name, formula in figures.paper_formula.items():
        ends = f"{formula.with_lower:.3f} to {formula.with_upper:.3f} by the end of log Z"
        lines.append(line(f"paper formula, {name}", formula.nll, ends if formula.log_z else "Z = 1"))
    for bound in figures.samplers:
        name = "mdlm" if bound.candidates == 1 else f"edlm, {bound.energy}, K = {bound.candidates}"
        note = f"{_cell(bound.against_mdlm, '+')} against mdlm" if bound.against_mdlm else "–"
        lines.append(line(f"{name}, T = {bound.steps}, {bound.reveal}", bound.nelbo_finite_k, note))
    ends = [_log_z_line(f"{name}, held-out text", f.log_z) for name, f in figures.paper_formula.items() if f.log_z]
    header = ["held-out text", "what it is", "nats per token, over texts", "Monte Carlo alone", ""]
    return [_table(header, lines), _table(_LOG_Z_HEADER, ends)]


_LOG_Z_HEADER = [
    "log Z of",
    "lower end",
    "upper end",
    "which is",
    "midpoint",
    "with a draw from the target",
    "sd(log w), median and largest",
    "ESS",
]


def _log_z_line(name: str, z: LogZ) -> list[str]:
    sd = f"{z.sd_log_w[0]:.1f}, {z.sd_log_w[1]:.1f}"
    ess = f"{z.ess:.2f} of {z.draws}"
    return [name, _cell(z.lower), _cell(z.upper), z.upper_is, _cell(z.jackknife), _cell(z.with_target), sd, ess]


def _log_z_table(ends: list[MaskedLogZ]) -> str:
    return _table(_LOG_Z_HEADER, [_log_z_line(f"{end.energy}, {end.masked} masked", end.log_z) for end in ends])


def _effect_table(rows: list[Effect], judges: Sequence[str]) -> str:
    header = ["sampler", "energy", "reveal", "T", "K"]
    for judge in judges:
        header += [f"NLL by {judge}", "against mdlm"]
    header += ["entropy", "repeated words", "distinct pairs", "similarity", "ESS"]
    header += ["calls, denoiser and energy", "s per text"]
    lines = []
    for row in rows:
        cells = [row.sampler, row.energy, row.reveal, str(row.steps or "–"), str(row.candidates or "–")]
        for judge in judges:
            own = " *self*" if judge in row.self_judged else ""
            cells += [_cell(row.judge_nll[judge]) + own, _cell(row.against_mdlm.get(judge), "+")]
        cells += [
            _cell(row.entropy),
            f"{100 * row.repeated_words[0]:.1f} %",
            f"{100 * row.distinct_2:.1f} %",
            _cell(row.similarity),
            f"{row.ess:.2f}",
            f"{row.denoiser_calls:.1f} and {row.energy_calls:.1f}",
            f"{row.seconds_per_text:.3f}",
        ]
        lines.append(cells)
    return _table(header, lines)
