"""What the core uses of transformers. Its own `__init__` names every model there is, which takes a type checker longer
than all of edlm_core."""

from collections.abc import Sequence
from os import PathLike
from typing import Any

from tokenizers import Tokenizer

class AutoModel:
    @classmethod
    def from_pretrained(cls, name: str | PathLike[str], **options: Any) -> Any: ...

class AutoModelForCausalLM:
    @classmethod
    def from_pretrained(cls, name: str | PathLike[str], **options: Any) -> Any: ...

class AutoTokenizer:
    @classmethod
    def from_pretrained(cls, name: str | PathLike[str], **options: Any) -> PreTrainedTokenizerFast: ...

class GgufConfig:
    def __init__(self, *, dequantize: bool = ...) -> None: ...

class PreTrainedTokenizerFast:
    bos_token_id: int | None
    eos_token_id: int | None
    is_fast: bool
    backend_tokenizer: Tokenizer
    def __call__(self, text: Sequence[str], **options: Any) -> dict[str, list[Any]]: ...
