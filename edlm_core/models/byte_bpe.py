"""tokenizer.json: a byte-level BPE as a vocabulary and its merges, in the format of the library `tokenizers`.

All that the file could say besides (normalisers, other ways to cut a text, padding to a billion ids) is the same in
every file of ours, and nothing else is let in. So the library is given a vocabulary and merges that fit each other,
never the file.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from ..displayed import END_OF_TEXT
from ..json_files import parse_json
from ..refusals import Refusal

Merge = tuple[str, str]

# GPT-2's byte <-> printable character table, by which byte-level BPE spells its tokens.
_PRINTABLE = [*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)]
BYTE_OF_CHAR = {chr(b): b for b in _PRINTABLE} | {
    chr(256 + n): b for n, b in enumerate(b for b in range(256) if b not in set(_PRINTABLE))
}


class _Part(msgspec.Struct, kw_only=True):
    """A way to cut a text: each digit alone, or as GPT-2 does."""

    type: str
    individual_digits: bool = False
    add_prefix_space: bool = False
    use_regex: bool = True


class _Parts(msgspec.Struct):
    type: str
    pretokenizers: list[_Part]


class _Model(msgspec.Struct, kw_only=True):
    type: str
    vocab: dict[str, int]
    merges: list[Merge | str]
    dropout: None = None
    unk_token: None = None
    continuing_subword_prefix: None = None
    end_of_word_suffix: None = None
    byte_fallback: bool = False
    ignore_merges: bool = False


class _Added(msgspec.Struct):
    id: int
    content: str


class _File(msgspec.Struct, kw_only=True):
    model: _Model
    added_tokens: list[_Added]
    pre_tokenizer: _Parts
    normalizer: None = None
    post_processor: None = None
    truncation: None = None
    padding: None = None


_CUT = _Parts("Sequence", [_Part(type="Digits", individual_digits=True), _Part(type="ByteLevel")])


def build(vocab: dict[str, int], merges: Sequence[Merge]) -> Tokenizer:
    """The library's tokenizer of a vocabulary (ids 0 to V - 1) and of merges within it, the most frequent first."""
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=list(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([END_OF_TEXT])
    return tokenizer


def parse(data: bytes) -> tuple[dict[str, int], list[Merge]]:
    """Vocabulary and merges of a file, which fit each other. Raises Refusal."""
    file = parse_json(data, _File)
    model = file.model
    vocab, merges = model.vocab, [_pair(merge) for merge in model.merges]
    if model.type != "BPE" or model.byte_fallback or model.ignore_merges or file.pre_tokenizer != _CUT:
        raise Refusal("bpe-other-kind")
    if END_OF_TEXT not in vocab:
        raise Refusal("bpe-no-end", token=END_OF_TEXT)
    if sorted(vocab.values()) != list(range(len(vocab))):
        raise Refusal("bpe-ids", most=len(vocab) - 1)
    if [(added.content, added.id) for added in file.added_tokens] != [(END_OF_TEXT, vocab[END_OF_TEXT])]:
        raise Refusal("bpe-added", token=END_OF_TEXT)
    for token in vocab:
        if token != END_OF_TEXT and not (token and BYTE_OF_CHAR.keys() >= set(token)):
            raise Refusal("bpe-spelling", token=token[:40])
    for a, b in merges:
        if a not in vocab or b not in vocab or a + b not in vocab:
            raise Refusal("bpe-merge", a=a[:40], b=b[:40])
    return vocab, merges


def _pair(merge: Merge | str) -> Merge:
    """Older files write a merge as one text with a space between."""
    a, _, b = merge.partition(" ") if isinstance(merge, str) else (merge[0], "", merge[1])
    return a, b
