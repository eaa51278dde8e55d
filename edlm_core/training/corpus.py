"""Text to train on: a file of token ids and the places where a window may start.

A corpus folder holds stories, separated by a line `<|endoftext|>`:

    train.txt, valid.txt     to learn from, and to see when it is enough
    extra.txt                more to learn from, where there
    fresh.txt                the test set, where there: nothing is trained on it, nor stopped by it

or `tokens.safetensors`, made from them by `python -m edlm_core tokenize`, which is all that has to travel to another
machine.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.numpy import load, save
from torch import Tensor

from ..files import check_writable, read_bounded, write_whole
from ..models.tokenizer import END_OF_TEXT, Tokenizer
from ..refusals import Refusal

TOKENS_FILE = "tokens.safetensors"
MAX_TEXT_BYTES = 256 * 2**20  # some sixty million tokens, each a Python number while it is read
MAX_TOKENS_BYTES = 512 * 2**20
_FIELDS = ("tokens", "openings", "stories")
_SENTENCE_END = re.compile(r"[.!?][\"'”’]*\s+")


@dataclass(frozen=True)
class Corpus:
    """One split. tokens (N,) int64, stories end in the end-of-text id; openings (M,) int64
    are the indices in `tokens` at which a story (M_s of them, `stories`) or a sentence starts."""

    tokens: Tensor
    openings: Tensor
    stories: Tensor

    def windows(self, count: int, length: int, generator: torch.Generator) -> Tensor:
        """`count` windows (count, length): half open a story, half any sentence.

        A window that outlives its story goes on with the next one, after the end-of-text id.
        """
        half = count // 2
        of_stories = self._draw(self.stories, half, length, generator)
        of_sentences = self._draw(self.openings, count - half, length, generator)
        starts = torch.cat([of_stories, of_sentences])
        return self.tokens[starts[:, None] + torch.arange(length)]

    def _draw(self, starts: Tensor, count: int, length: int, generator: torch.Generator) -> Tensor:
        starts = starts[starts <= len(self.tokens) - length]
        if len(starts) == 0:
            raise Refusal("corpus-short", length=length, got=len(self.tokens))
        return starts[torch.randint(len(starts), (count,), generator=generator)]

    def fixed_windows(self, count: int, length: int) -> Tensor:
        """The same `count` windows on every call, for validation and for reference texts."""
        return self.windows(count, length, torch.Generator().manual_seed(0))


def tokenize(text: str, tokenizer: Tokenizer) -> Corpus:
    """Stories -> one row of tokens. Sentences are tokenised with the space before them apart,
    so that a window may start at a sentence's first word."""
    tokens: list[int] = []
    openings: list[int] = []
    stories: list[int] = []
    for story in text.split(END_OF_TEXT):
        story = story.strip()
        if not story:
            continue
        ids = tokenizer.encode(story)
        stories.append(len(tokens))
        ends = {m.end() for m in _SENTENCE_END.finditer(story)} | {0}
        at = 0  # in bytes, since a token may end inside a character
        byte_of_char = np.cumsum([0] + [len(c.encode()) for c in story])
        starts = {int(byte_of_char[e]) for e in ends if e < len(story)}
        for n, i in enumerate(ids):
            raw = tokenizer.spelled_bytes(i)
            first_letter = at + len(raw) - len(raw.lstrip(b" \n"))
            if first_letter in starts and raw.strip():
                openings.append(len(tokens) + n)
            at += len(raw)
        tokens += [*ids, tokenizer.end_of_text]
    return Corpus(torch.tensor(tokens), torch.tensor(openings), torch.tensor(stories))


def held_out(splits: Mapping[str, Corpus]) -> tuple[str, Corpus]:
    """What figures are to be measured on, and its name: the test set where there is one, else the validation set,
    which had a say in when training stopped."""
    name = "test" if "test" in splits else "valid"
    return name, splits[name]


# ── files ────────────────────────────────────────────────────────────────────────
def read_text(path: Path) -> str:
    """Raises Refusal."""
    try:
        return read_bounded(path, MAX_TEXT_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal("corpus-not-utf8", path=path, at=error.start) from None


def save_tokens(path: str | Path, splits: Mapping[str, Corpus]) -> None:
    """Raises Refusal where it can't be written."""
    path = Path(path)
    arrays = {}
    for name, corpus in splits.items():
        arrays[f"{name}.tokens"] = corpus.tokens.numpy().astype(np.uint16)
        arrays[f"{name}.openings"] = corpus.openings.numpy().astype(np.int32)
        arrays[f"{name}.stories"] = corpus.stories.numpy().astype(np.int32)
    try_tokens(path)
    write_whole(path, save(arrays), replace=True)


def try_tokens(path: Path) -> None:
    """That a token file will find a place. Raises Refusal."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal("file-unwritable", path=path, error=error.strerror) from None
    check_writable(path, replace=True)


def check_corpus(folder: Path) -> None:
    """That the files are there, asked before any work. Raises Refusal."""
    missing = [f for f in ("train.txt", "valid.txt") if not (folder / f).exists()]
    if missing and not (folder / TOKENS_FILE).exists():
        raise Refusal("corpus-missing", tokens=TOKENS_FILE, folder=folder, missing=", ".join(missing))


def load_corpus(folder: str | Path, tokenizer: Tokenizer) -> dict[str, Corpus]:
    """{"train": ..., "valid": ...} of a corpus folder, and "test" where it has one. Raises Refusal."""
    folder = Path(folder)
    check_corpus(folder)
    if (folder / TOKENS_FILE).exists():
        return _load_tokens(folder / TOKENS_FILE, tokenizer)
    files = {"train": ["train.txt", "extra.txt"], "valid": ["valid.txt"], "test": ["fresh.txt"]}
    found = {split: [folder / name for name in names if (folder / name).exists()] for split, names in files.items()}
    return {split: _read_split(paths, tokenizer) for split, paths in found.items() if paths}


def _read_split(paths: list[Path], tokenizer: Tokenizer) -> Corpus:
    corpus = tokenize(END_OF_TEXT.join(read_text(path) for path in paths), tokenizer)
    if len(corpus.tokens) == 0:
        raise Refusal("corpus-empty", path=paths[0])
    return corpus


def _load_tokens(path: Path, tokenizer: Tokenizer) -> dict[str, Corpus]:
    data = read_bounded(path, MAX_TOKENS_BYTES)
    try:
        arrays = load(data)
        names = ("train", "valid", "test") if "test.tokens" in arrays else ("train", "valid")
        splits = {name: Corpus(*(_whole_numbers(arrays[f"{name}.{f}"]) for f in _FIELDS)) for name in names}
        for corpus in splits.values():
            _check_starts(corpus)
    except SafetensorError:
        raise Refusal("corpus-damaged", path=path, error=Refusal("weights-read")) from None
    except KeyError as missing:
        raise Refusal("corpus-damaged", path=path, error=Refusal("corpus-part", name=missing.args[0])) from None
    except Refusal as refusal:
        raise Refusal("corpus-damaged", path=path, error=refusal) from None
    largest = max(int(c.tokens.max()) for c in splits.values())
    if largest >= tokenizer.vocab_size:
        raise Refusal("corpus-other-tokenizer", path=path, size=tokenizer.vocab_size, got=largest)
    return splits


def _whole_numbers(array: np.ndarray) -> Tensor:
    if array.dtype.kind not in "iu" or array.ndim != 1 or len(array) == 0:
        raise Refusal("corpus-row", got=f"{array.dtype} {array.shape}")
    return torch.from_numpy(array.astype(np.int64))


def _check_starts(corpus: Corpus) -> None:
    for starts in (corpus.openings, corpus.stories):
        if starts.min() < 0 or starts.max() >= len(corpus.tokens):
            raise Refusal("corpus-starts", size=len(corpus.tokens), least=int(starts.min()), most=int(starts.max()))
    if corpus.tokens.min() < 0:
        raise Refusal("corpus-negative")
