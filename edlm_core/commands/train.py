"""`train tokenizer|words|denoiser|ar|smollm2|energy` and `tokenize`: from text files to a model folder."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ..durations import spoken
from ..files import check_writable, write_whole
from ..measure import words
from ..models.checkpoints import MODELS
from ..models.pretrained import load_tokenizer
from ..models.tokenizer import END_OF_TEXT, Tokenizer, restrict
from ..refusals import Refusal
from ..training.corpus import TOKENS_FILE, check_corpus, load_corpus, read_text, save_tokens, try_tokens
from ..training.loop import TrainProgress, Validation
from ..training.recipes import CORPORA, RECIPES, Adapters, Energy, Recipe
from ..training.sentences import SENTENCES_FILE, WINDOW
from ..training.settings import TrainConfig
from ..training.starts import Blocks, Folder, Fresh, Layers, Start
from ..training.train import train_steps
from . import Commands
from .progress import progress
from .stopping import asked_to_stop


def add_arguments(commands: Commands) -> None:
    tokenize = commands.add_parser("tokenize", help="turn train.txt and valid.txt into one file of token ids")
    _folders(tokenize)
    tokenize.add_argument("--to", type=Path, required=True, help=f"folder for {TOKENS_FILE}")
    tokenize.set_defaults(run=run_tokenize)

    parser = commands.add_parser("train", help="train one part of a model folder")
    kinds = ("tokenizer", "words", *RECIPES)
    what = (
        "words: those of the texts, and which follows which; ar: the autoregressive model; smollm2: adapters that fit "
        "SmolLM2 to the texts; energy: see --route"
    )
    parser.add_argument("kind", choices=kinds, help=what)
    _folders(parser)
    add = parser.add_argument
    add("--force", action="store_true", help="replace what the folder has of this part")
    add("--corpus", choices=tuple(CORPORA), default="stories", help=f"denoiser, ar: sentences are in {SENTENCES_FILE}")
    add("--size", type=int, default=4000, help="tokenizer: how many ids")
    add("--minutes", type=float, default=60.0, help="budget; the learning rate falls to 0 at its end")
    starts = parser.add_mutually_exclusive_group()
    as_layers = "start as these layers of SmolLM2, with its width; without it, from scratch"
    starts.add_argument("--layers", type=_layers, default=(), metavar="0,1,29", help=as_layers)
    as_folder = "start as the same part of this model folder"
    starts.add_argument("--from", dest="source", metavar="FOLDER", help=as_folder)
    add("--route", choices=("nce",), default="nce", help="energy: by noise contrast against the folder's denoiser")
    add(
        "--start",
        choices=("denoiser", "ar"),
        default="denoiser",
        help="energy: whose first --depth blocks it starts as",
    )
    add("--loss", choices=("binary", "ranking"), default=Energy.loss, help="energy")
    add("--negatives", type=int, default=Energy.negatives, help="energy: drawn for each real text")
    add("--rank", type=int, default=Adapters.rank, help="smollm2: of the adapters")
    add("--width", type=int, default=Fresh.width)
    add("--depth", type=int, help="blocks; energy: of those that it starts as, all by default")
    add("--heads", type=int, default=Fresh.heads)
    add("--hidden", type=int, default=Fresh.hidden)
    add("--dropout", type=float, default=0.0)
    add("--learning-rate", type=float, default=TrainConfig.learning_rate)
    add("--optimizer", choices=("muon", "adamw"), default="muon")
    add("--weight-decay", type=float, default=TrainConfig.weight_decay)
    add("--tokens-per-step", type=int, default=TrainConfig.tokens_per_step)
    patience = "validations without a gain before stopping, 0: never; for an energy 6"
    add("--patience", type=int, help=patience)
    add("--seed", type=int, default=0)
    add("--compile", action="store_true", help="torch.compile; needs a C++ compiler")
    parser.set_defaults(run=run_train)


def _folders(parser: argparse.ArgumentParser) -> None:
    texts = f"folder with train.txt and valid.txt (extra.txt, fresh.txt), or {TOKENS_FILE}"
    parser.add_argument("--data", type=Path, required=True, help=texts)
    parser.add_argument("--out", type=Path, default=MODELS / "tales", help="the model folder")


def _layers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(n) for n in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected layer numbers with commas between, got {text!r}") from None


def run_tokenize(args: argparse.Namespace) -> None:
    check_corpus(args.data)
    try_tokens(args.to / TOKENS_FILE)
    save_tokens(args.to / TOKENS_FILE, load_corpus(args.data, Tokenizer.load(args.out)))


def run_train(args: argparse.Namespace) -> None:
    if args.kind == "tokenizer":
        _train_tokenizer(args)
        return
    if args.kind == "words":
        _learn_words(args)
        return
    recipe = recipe_of(args)
    if args.corpus == "stories":
        check_corpus(args.data)
    steps = train_steps(recipe, args.data, args.out, replace=args.force)
    began, last = None, None
    with progress() as told, asked_to_stop() as asked:
        for last in steps:
            began = last.seconds if began is None else began
            done = last.seconds - began  # an earlier call's time is not this one's
            if last.validation is not None:
                told.clear()
                _say(_line(args.kind, last, last.validation))
            elif last.seconds_left > 0:
                share = done / (done + last.seconds_left)
                told(share, f"{args.kind}: step {last.step}, loss {last.loss:.3f}")
            if asked.is_set():
                break
        steps.close()
    _say(_end(recipe, last, stopped=asked.is_set()))
    if asked.is_set():
        raise SystemExit(130)  # what a shell calls an interruption


def _train_tokenizer(args: argparse.Namespace) -> None:
    stories = read_text(args.data / "train.txt").split(END_OF_TEXT)
    args.out.mkdir(parents=True, exist_ok=True)
    check_writable(args.out / "tokenizer.json", replace=args.force)
    restrict(load_tokenizer(), stories, args.size).save(args.out)


def _learn_words(args: argparse.Namespace) -> None:
    """All that the networks learn from; nothing that they are measured on."""
    texts = [args.data / name for name in ("train.txt", "extra.txt") if (args.data / name).exists()]
    if not texts:
        raise Refusal("file-missing", path=args.data / "train.txt")
    args.out.mkdir(parents=True, exist_ok=True)
    check_writable(args.out / words.FILE, replace=args.force)
    stories = (story for path in texts for story in read_text(path).split(END_OF_TEXT))
    write_whole(args.out / words.FILE, json.dumps(words.learned(stories), ensure_ascii=False), replace=args.force)


# ── arguments to a recipe ────────────────────────────────────────────────────────
def recipe_of(args: argparse.Namespace) -> Recipe:
    """Raises Refusal."""
    kind = RECIPES[args.kind]
    more: dict[str, Any] = {"dropout": args.dropout, "corpus": args.corpus}
    if kind is Adapters:
        more = {"rank": args.rank}
    elif kind is Energy:
        more = {"loss": args.loss, "negatives": args.negatives}
    return RECIPES[args.kind](config=_config(args), start=_start(args), **more)


def _start(args: argparse.Namespace) -> Start:
    if args.source is not None:
        return Folder(args.source)
    kind = RECIPES[args.kind]
    if kind is Energy:
        return Blocks(args.start, args.depth)
    if kind is Adapters or args.layers:
        return Layers(args.layers)
    return Fresh(args.width, Fresh.depth if args.depth is None else args.depth, args.heads, args.hidden)


def _config(args: argparse.Namespace) -> TrainConfig:
    patience = args.patience if args.patience is not None else 6 if RECIPES[args.kind] is Energy else 0
    sentences: dict[str, Any] = {"lengths": (WINDOW,), "valid_length": WINDOW} if args.corpus == "sentences" else {}
    return TrainConfig(
        minutes=args.minutes,
        learning_rate=args.learning_rate,
        muon=args.optimizer == "muon",
        weight_decay=args.weight_decay,
        tokens_per_step=args.tokens_per_step,
        patience=patience,
        seed=args.seed,
        compile=args.compile,
        **sentences,
    )


# ── what is said ─────────────────────────────────────────────────────────────────
def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _line(kind: str, at: TrainProgress, found: Validation) -> str:
    auc = f", AUC {found.measured['auc']:.3f}" if "auc" in found.measured else ""
    return (
        f"{kind}: step {at.step}, train {found.train:.3f}, valid {found.valid:.3f} nats{auc}, "
        f"{at.tokens_per_second:.0f} tokens/s, {spoken(at.seconds_left)} left"
    )


def _end(recipe: Recipe, last: TrainProgress | None, *, stopped: bool) -> str:
    patience, kind = recipe.config.patience, recipe.kind
    if last is None:
        return f"{kind}: finished before, nothing left to do"
    if last.validation is not None and 0 < patience <= last.validation.stale:
        return f"{kind}: no gain in {patience} validations, stopped"
    if stopped:
        return f"{kind}: stopped after step {last.step}, the same command goes on from there"
    return f"{kind}: finished at step {last.step}"
