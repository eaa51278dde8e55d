"""Text <-> ids over a small vocabulary that a pretrained model can read.

The tokenizer is SmolLM2's byte-level BPE restricted to a few thousand ids. Restricting
keeps, with every token, the two pieces it was merged from, down to single bytes. So a word
whose SmolLM2 tokens were kept encodes exactly as SmolLM2 encodes it and any other text falls apart into
smaller kept pieces. (SmolLM2 itself lacks a few bytes, of control characters and unassigned
planes; a text holding one is refused.) Every id maps to one SmolLM2 id, which is what lets the
pretrained model score *the same tokens* (`to_source`).

The mask is not a token: its id is `vocab_size`, one past the last.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated

from msgspec import Meta
from tokenizers import Tokenizer as _HFTokenizer

from ..characters import character_name, unsendable, visible
from ..displayed import END, END_OF_TEXT
from ..files import read_bounded, write_whole
from ..json_files import read_json
from ..refusals import Refusal
from .byte_bpe import BYTE_OF_CHAR, build, parse

MASK_DISPLAY = "▢"
MAX_TOKENIZER_BYTES = 16 * 2**20  # SmolLM2's own, of 49,152 tokens, has 2 MB
SourceIds = list[Annotated[int, Meta(ge=0, le=2**31 - 1)]]


class Tokenizer:
    """Ids of `text` and back. Build with `Tokenizer.load(folder)` or `restrict(...)`.

    vocab_size    V, the number of real tokens; the mask id is V.
    end_of_text   the id that ends a story.
    to_source     (V,) list: for each id, the id of the same token in SmolLM2.
    """

    def __init__(self, hf_tokenizer: _HFTokenizer, to_source: Sequence[int]) -> None:
        self._hf = hf_tokenizer
        self.to_source = list(to_source)
        self.vocab_size = len(self.to_source)
        self.mask_id = self.vocab_size
        ids = hf_tokenizer.get_vocab()  # 0 to V - 1, without a gap: `build` made it
        self.end_of_text = ids[END_OF_TEXT]
        spelled = sorted(ids, key=ids.__getitem__)
        self._bytes = [
            token.encode() if i == self.end_of_text else bytes(BYTE_OF_CHAR[c] for c in token)
            for i, token in enumerate(spelled)
        ]

    # ── text <-> ids ─────────────────────────────────────────────────────────────
    def encode(self, text: str) -> list[int]:
        """Ids of a text; `<|endoftext|>` written out becomes the end-of-text id.

        Raises Refusal if the text holds a character whose bytes the vocabulary lacks.
        """
        # Half a character: what a command line makes of bytes that are no UTF-8.
        surrogates = {c for c in text if "\ud800" <= c <= "\udfff"}
        ids = [] if surrogates else self._hf.encode(text).ids
        if self.decode(ids) != text:
            lost = surrogates or {c for c in text if self.decode(self._hf.encode(c).ids) != c}
            raise Refusal("text-unspelled", got=_named(sorted(lost)))
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ids; masks show as ▢. Exact inverse of `encode`; broken UTF-8 shows as �."""
        mask = MASK_DISPLAY.encode()
        return b"".join(mask if i == self.mask_id else self._bytes[i] for i in ids).decode("utf-8", "replace")

    def spelled_bytes(self, i: int) -> bytes:
        """The bytes that one token stands for."""
        return self._bytes[i]

    def spell(self, i: int) -> str:
        """One token as text that can be shown: a fragment of a character shows its bytes, as in ⟨E2 80⟩, and what must
        not be sent raw its name, as in ⟨U+0007 BELL⟩."""
        if i == self.mask_id:
            return MASK_DISPLAY
        raw = self._bytes[i]
        try:
            return visible(raw.decode("utf-8"))
        except UnicodeDecodeError:
            return "⟨" + raw.hex(" ").upper() + "⟩"

    def word(self, i: int) -> str:
        """`spell` as it is read: the end of a text as its sign."""
        return END if i == self.end_of_text else self.spell(i)

    @property
    def spellings(self) -> list[str]:
        """`spell` of every id, the mask last: (V + 1,)."""
        return [self.spell(i) for i in range(self.vocab_size + 1)]

    # ── files ────────────────────────────────────────────────────────────────────
    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of what a network's weights depend on: tokens, merges, and whose ids in SmolLM2 they are."""
        vocab, merges = parse(self._hf.to_str().encode())
        tokens = sorted(vocab, key=vocab.__getitem__)
        return hashlib.sha256(json.dumps([tokens, merges, self.to_source]).encode()).digest()

    def save(self, folder: str | Path) -> None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / "tokenizer.json", self._hf.to_str(pretty=True), replace=True)
        write_whole(folder / "source_ids.json", json.dumps(self.to_source), replace=True)

    @classmethod
    def load(cls, folder: str | Path) -> Tokenizer:
        """Raises Refusal for a file that is missing, damaged or of another kind, naming it."""
        folder = Path(folder)
        path = folder / "tokenizer.json"
        data = read_bounded(path, MAX_TOKENIZER_BYTES)
        try:
            vocab, merges = parse(data)
        except Refusal as error:
            raise Refusal("tokenizer-file", path=path, reason=error) from None
        path = folder / "source_ids.json"
        try:
            to_source = read_json(path, SourceIds, MAX_TOKENIZER_BYTES)
            if len(to_source) != len(vocab):
                raise Refusal("source-ids-count", got=len(to_source), expected=len(vocab))
            if len({*to_source}) != len(to_source):
                raise Refusal("source-ids-twice", got=Counter(to_source).most_common(1)[0][0])
        except Refusal as error:
            if error.code.startswith("file-"):
                raise
            raise Refusal("source-ids-file", path=path, reason=error) from None
        return cls(build(vocab, merges), to_source)


def check_sendable(text: str) -> None:
    """That a text can be shown as it is. Raises Refusal with the names of the characters that can't."""
    if found := unsendable(text):
        raise Refusal("text-unsendable", got=_named(found))


def _named(characters: Sequence[str]) -> str:
    """Five of them at most."""
    more = ", …" if len(characters) > 5 else ""
    return ", ".join(f"U+{ord(c):04X}" if not unsendable(c) else character_name(c) for c in characters[:5]) + more


def restrict(source: _HFTokenizer, texts: Iterable[str], size: int) -> Tokenizer:
    """The byte-level BPE `source` restricted to about `size` ids, the most frequent of `texts`.

    Kept: every byte that `source` has, the end of text, and with every token the pieces it is
    merged from.
    """
    spec = json.loads(source.to_str())
    vocab: dict[str, int] = spec["model"]["vocab"]
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in spec["model"]["merges"]]
    parts = {a + b: (a, b) for a, b in reversed(merges)}  # a token's first (most frequent) merge wins

    counts: Counter[int] = Counter()
    for text in texts:
        counts.update(source.encode(text, add_special_tokens=False).ids)
    token_of = {i: t for t, i in vocab.items()}
    ranked = [token_of[i] for i, _ in counts.most_common() if token_of[i] != END_OF_TEXT]

    kept = {c for c in BYTE_OF_CHAR if c in vocab} | {END_OF_TEXT}

    def closure(token: str) -> set[str]:
        if token in kept:
            return set()
        pieces = parts.get(token)
        return {token} if pieces is None else {token} | closure(pieces[0]) | closure(pieces[1])

    for token in ranked:
        new = closure(token)
        if len(kept) + len(new) <= size:
            kept |= new

    # In the source's order: merges stay ranked, and the end of text comes first, as id 0.
    order = sorted(kept, key=lambda t: vocab[t])
    ids = {t: n for n, t in enumerate(order)}
    kept_merges = [(a, b) for a, b in merges if a in ids and b in ids and a + b in ids]
    return Tokenizer(build(ids, kept_merges), [vocab[t] for t in order])
