"""`train tokenizer|denoiser|ar|smollm2|energy` and `tokenize`: from text files to a model folder."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from ..config import MAX_CANDIDATES
from ..method.schedules import LogLinearSchedule
from ..models.adapters import adapt
from ..models.checkpoints import MODELS, best_device, load_model, save_adapters, save_network
from ..models.pretrained import layers_as_transformer, load_language_model, load_tokenizer
from ..models.tokenizer import END_OF_TEXT, Tokenizer, restrict
from ..models.transformer import PairTransformer, Transformer, TransformerConfig
from ..settings import check_whole
from ..training.contrast import Contrast, contrast, report_contrast
from ..training.corpus import TOKENS_FILE, Corpus, load_corpus, save_tokens
from ..training.losses import denoising_loss, next_token_loss
from ..training.train import Loss, TrainConfig, train


def add_arguments(commands: argparse._SubParsersAction) -> None:
    tokenize = commands.add_parser("tokenize", help="turn train.txt and valid.txt into one file of token ids")
    _folders(tokenize)
    tokenize.add_argument("--to", type=Path, required=True, help=f"folder for {TOKENS_FILE}")
    tokenize.set_defaults(run=run_tokenize)

    parser = commands.add_parser("train", help="train one part of a model folder")
    parser.add_argument(
        "kind", choices=("tokenizer", "denoiser", "ar", "smollm2", "energy"),
        help="ar: the autoregressive model; smollm2: adapters that fit SmolLM2 to the texts; energy: see --route",
    )  # fmt: skip
    _folders(parser)
    parser.add_argument("--size", type=int, default=4000, help="tokenizer: how many ids")
    parser.add_argument("--minutes", type=float, default=60.0, help="budget; the learning rate falls to 0 at its end")
    parser.add_argument("--layers", type=_layers, default=(), metavar="0,1,29",
                        help="start as these layers of SmolLM2, with its width; without it, from scratch")  # fmt: skip
    parser.add_argument("--route", choices=("nce",), default="nce",
                        help="energy: by noise contrastive estimation against the folder's denoiser")  # fmt: skip
    parser.add_argument("--start", choices=("denoiser", "ar"), default="denoiser",
                        help="energy: whose first --depth blocks it starts as")  # fmt: skip
    parser.add_argument("--loss", choices=("binary", "ranking"), default="binary", help="energy")
    parser.add_argument("--negatives", type=int, default=3, help="energy: drawn for each real text")
    parser.add_argument("--rank", type=int, default=16, help="smollm2: of the adapters")
    parser.add_argument("--width", type=int, default=384)
    parser.add_argument(
        "--depth", type=int, default=None, help="blocks; energy: of those that it starts as, all by default"
    )
    parser.add_argument("--heads", type=int, default=6)
    parser.add_argument("--hidden", type=int, default=1024)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--optimizer", choices=("muon", "adamw"), default="muon")
    parser.add_argument("--weight-decay", type=float, default=TrainConfig.weight_decay)
    parser.add_argument("--tokens-per-step", type=int, default=TrainConfig.tokens_per_step)
    parser.add_argument("--patience", type=int, default=None,
                        help="validations without a gain before stopping, 0: never; for an energy 6")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compile", action="store_true", help="torch.compile; needs a C++ compiler")
    parser.set_defaults(run=run_train)


def _folders(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--data", type=Path, required=True, help=f"folder with train.txt and valid.txt, or {TOKENS_FILE}"
    )
    parser.add_argument("--out", type=Path, default=MODELS / "tales", help="the model folder")


def _layers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(n) for n in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected layer numbers with commas between, got {text!r}") from None


def run_tokenize(args: argparse.Namespace) -> None:
    save_tokens(args.to / TOKENS_FILE, load_corpus(args.data, Tokenizer.load(args.out)))


def run_train(args: argparse.Namespace) -> None:
    if args.kind == "tokenizer":
        stories = (args.data / "train.txt").read_text(encoding="utf-8").split(END_OF_TEXT)
        restrict(load_tokenizer(), stories, args.size).save(args.out)
        return
    tokenizer = Tokenizer.load(args.out)
    corpus = load_corpus(args.data, tokenizer)
    recipe = _energy if args.kind == "energy" else _network_alone
    network, loss, measure = recipe(args, tokenizer, corpus)
    save = save_adapters if args.kind == "smollm2" else save_network
    config = TrainConfig(
        minutes=args.minutes, learning_rate=args.learning_rate, muon=args.optimizer == "muon",
        weight_decay=args.weight_decay, tokens_per_step=args.tokens_per_step,
        patience=args.patience if args.patience is not None else 6 if args.kind == "energy" else 0,
        seed=args.seed, compile=args.compile,
    )  # fmt: skip
    train(
        network, loss, corpus, config, folder=args.out, name=args.kind, device=best_device(),
        save=lambda averaged: save(args.out, args.kind, averaged), measure=measure,
    )  # fmt: skip


Recipe = tuple[nn.Module, Loss, Callable[[nn.Module], dict]]  # network, loss, what to log of it


def _energy(args: argparse.Namespace, tokenizer: Tokenizer, corpus: dict[str, Corpus]) -> Recipe:
    """A PairTransformer that starts as one of the folder's networks, against the folder's denoiser."""
    model = load_model(str(args.out), dtype=torch.float32)
    source = model.denoiser.network if args.start == "denoiser" else model.autoregressive.network
    depth = source.config.depth if args.depth is None else args.depth
    check_whole("depth", depth, 1, source.config.depth)
    check_whole("negatives", args.negatives, 1, MAX_CANDIDATES)
    network = PairTransformer.starting_as(source, depth, tokenizer.vocab_size)
    windows = corpus["valid"].fixed_windows(512, 64).to(model.device)

    def told_apart(network: nn.Module, x_0: Tensor, generator: torch.Generator) -> Contrast:
        return contrast(network, model.denoiser, x_0, model.schedule, args.negatives, generator)

    def loss(network: nn.Module, x_0: Tensor, generator: torch.Generator) -> Tensor:
        told = told_apart(network, x_0, generator)
        return told.binary_loss() if args.loss == "binary" else told.ranking_loss()

    @torch.no_grad()
    def measure(network: nn.Module) -> dict:
        generator = torch.Generator().manual_seed(1)
        with torch.autocast(model.device.type, torch.bfloat16):
            return report_contrast([told_apart(network, batch, generator) for batch in windows.split(64)])

    return network, loss, measure


def _network_alone(args: argparse.Namespace, tokenizer: Tokenizer, corpus: dict[str, Corpus]) -> Recipe:
    return _network(args, tokenizer), _loss(args.kind, tokenizer), lambda network: {}


def _network(args: argparse.Namespace, tokenizer: Tokenizer) -> Transformer:
    torch.manual_seed(args.seed)
    causal = args.kind != "denoiser"
    if args.kind == "smollm2" or args.layers:
        source = load_language_model("cpu", torch.float32)
        layers = args.layers or range(source.config.num_hidden_layers)
        network = layers_as_transformer(source, layers, tokenizer.to_source, causal=causal, dropout=args.dropout)
        return adapt(network.bfloat16(), args.rank) if args.kind == "smollm2" else network
    torch.manual_seed(args.seed)  # torch's initialisers take no generator through nn.Module.apply
    inputs = tokenizer.vocab_size + (0 if causal else 1)
    return Transformer(
        TransformerConfig(
            inputs,
            args.width,
            6 if args.depth is None else args.depth,
            args.heads,
            args.heads,
            args.hidden,
            causal,
            dropout=args.dropout,
        )
    )


def _loss(kind: str, tokenizer: Tokenizer) -> Loss:
    def denoising(network: nn.Module, x_0: Tensor, generator: torch.Generator) -> Tensor:
        return denoising_loss(network, x_0, LogLinearSchedule(), tokenizer.vocab_size, generator)

    def next_token(network: nn.Module, x_0: Tensor, generator: torch.Generator) -> Tensor:
        return next_token_loss(network, x_0, tokenizer.vocab_size, tokenizer.end_of_text)

    return denoising if kind == "denoiser" else next_token
