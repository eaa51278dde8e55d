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

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer as _HFTokenizer
from tokenizers import decoders, models, pre_tokenizers

END_OF_TEXT = "<|endoftext|>"
MASK_DISPLAY = "▢"

# GPT-2's byte <-> printable character table, by which byte-level BPE spells its tokens.
_PRINTABLE = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
_BYTE_OF_CHAR = {chr(b): b for b in _PRINTABLE} | {
    chr(256 + n): b for n, b in enumerate(b for b in range(256) if b not in set(_PRINTABLE))
}


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
        self.end_of_text = self._hf.token_to_id(END_OF_TEXT)
        if self.end_of_text is None:
            raise ValueError(f"expected the token {END_OF_TEXT}, found none")
        spelled = [self._hf.id_to_token(i) for i in range(self.vocab_size)]
        self._bytes = [
            token.encode() if i == self.end_of_text else bytes(_BYTE_OF_CHAR[c] for c in token)
            for i, token in enumerate(spelled)
        ]

    # ── text <-> ids ─────────────────────────────────────────────────────────────
    def encode(self, text: str) -> list[int]:
        """Ids of a text; `<|endoftext|>` written out becomes the end-of-text id.

        Raises ValueError if the text holds a character whose bytes the vocabulary lacks.
        """
        # Half a character: what a command line makes of bytes that are no UTF-8.
        surrogates = {c for c in text if "\ud800" <= c <= "\udfff"}
        ids = [] if surrogates else self._hf.encode(text).ids
        if self.decode(ids) != text:
            lost = surrogates or {c for c in text if self.decode(self._hf.encode(c).ids) != c}
            named = ", ".join(f"U+{ord(c):04X}" for c in sorted(lost)[:5])
            raise ValueError(f"expected text the tokenizer can spell, got {named}: remove these characters")
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of ids; masks show as ▢. Exact inverse of `encode`; broken UTF-8 shows as �."""
        mask = MASK_DISPLAY.encode()
        return b"".join(mask if i == self.mask_id else self._bytes[i] for i in ids).decode("utf-8", "replace")

    def spelled_bytes(self, i: int) -> bytes:
        """The bytes that one token stands for."""
        return self._bytes[i]

    def spell(self, i: int) -> str:
        """One token as text; a fragment of a character shows its bytes, as in ⟨E2 80⟩."""
        if i == self.mask_id:
            return MASK_DISPLAY
        raw = self._bytes[i]
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            return "⟨" + raw.hex(" ").upper() + "⟩"

    @property
    def spellings(self) -> list[str]:
        """`spell` of every id, the mask last: (V + 1,)."""
        return [self.spell(i) for i in range(self.vocab_size + 1)]

    # ── files ────────────────────────────────────────────────────────────────────
    def save(self, folder: str | Path) -> None:
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self._hf.save(str(folder / "tokenizer.json"))
        (folder / "source_ids.json").write_text(json.dumps(self.to_source))

    @classmethod
    def load(cls, folder: str | Path) -> Tokenizer:
        """Raises OSError for a missing file, ValueError for a damaged one (naming it)."""
        folder = Path(folder)
        path = folder / "tokenizer.json"
        text = path.read_text(encoding="utf-8")
        try:
            hf = _HFTokenizer.from_str(text)
            tokenizer = cls(hf, range(hf.get_vocab_size()))
        except Exception as error:  # noqa: BLE001, the library raises bare Exception
            raise ValueError(f"{path} is not a tokenizer file: {error}") from None
        path = folder / "source_ids.json"
        try:
            source = json.loads(path.read_text(encoding="utf-8"))
            if not isinstance(source, list) or not all(type(i) is int for i in source):
                raise ValueError("expected a list of whole numbers")
            if len(source) != tokenizer.vocab_size:
                raise ValueError(f"{len(source)} ids for {tokenizer.vocab_size} tokens")
        except ValueError as error:
            raise ValueError(f"{path} does not fit tokenizer.json: {error}") from None
        tokenizer.to_source = source
        return tokenizer


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

    kept = {c for c in _BYTE_OF_CHAR if c in vocab} | {END_OF_TEXT}

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
    hf = _HFTokenizer(models.BPE(vocab=ids, merges=kept_merges))
    hf.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    hf.decoder = decoders.ByteLevel()
    hf.add_special_tokens([END_OF_TEXT])
    return Tokenizer(hf, [vocab[t] for t in order])
