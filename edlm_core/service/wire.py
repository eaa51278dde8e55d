"""What comes in and what goes out: OpenAI's completions, and fields of our own behind them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ..config import MAX_CANDIDATES, MAX_LENGTH, MAX_PROMPT, MAX_STEPS, REVEALS, SEEDS

MOST_PROMPTS, MOST_TEXTS = 16, 16
State = Literal["ok", "loading", "failed"]
Prompt = Annotated[str, Field(max_length=MAX_PROMPT)]


class CompletionBody(BaseModel):
    """POST /v1/completions. An unknown field is refused: it would be taken for one that has an effect."""

    model_config = ConfigDict(extra="forbid")

    model: str = Field(max_length=200, description="NAME:SAMPLER, one of /v1/models; auto chooses the sampler")
    prompt: Prompt | Annotated[list[Prompt], Field(min_length=1, max_length=MOST_PROMPTS)] = ""
    suffix: Prompt | None = Field(default=None, description="what stands behind the words that are written")
    max_tokens: int = Field(default=16, ge=1, le=MAX_LENGTH)
    n: int = Field(default=1, ge=1, le=MOST_TEXTS, description="texts for each prompt")
    seed: int | None = Field(
        default=None, ge=0, lt=SEEDS, description="text i is drawn from seed + i; else a random one"
    )
    temperature: float = Field(default=1.0, ge=0.0, le=2.0, description="of the denoiser's words")
    logprobs: int | None = Field(
        default=None, ge=0, le=0, description="0: of the tokens written; for ar and speculative"
    )
    echo: bool = False
    stream: bool = False
    user: str | None = Field(default=None, max_length=200)

    blanks: bool = Field(
        default=False, description="each underscore in the prompt is a token to fill in; the answer is whole"
    )
    steps: int | None = Field(default=None, ge=1, le=MAX_STEPS)
    candidates: int | None = Field(default=None, ge=1, le=MAX_CANDIDATES)
    energy: str | None = Field(default=None, max_length=100)
    reveal: Literal[tuple(REVEALS)] | None = None  # pyright: ignore[reportInvalidTypeForm], the names stand in one table


class LogProbs(BaseModel):
    tokens: list[str]
    token_logprobs: list[float]
    text_offset: list[int]
    top_logprobs: None = None


class Choice(BaseModel):
    index: int
    text: str
    finish_reason: Literal["stop", "length"] | None = None
    logprobs: LogProbs | None = None
    seed: int
    draft: str | None = Field(
        default=None, description="while it is written: the whole text, ▢ where nothing stands yet"
    )


class Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Completion(BaseModel):
    id: str
    object: Literal["text_completion"] = "text_completion"
    created: int
    model: str
    system_fingerprint: str
    choices: list[Choice]
    usage: Usage | None = None
    share: float | None = Field(default=None, description="while it is written: how far it is, from 0 to 1")


class ServedModel(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str


class ServedModels(BaseModel):
    object: Literal["list"] = "list"
    data: list[ServedModel]


class Health(BaseModel):
    status: State  # the worst of all
    models: dict[str, State]


class Fault(BaseModel):
    """As OpenAI's clients read it."""

    message: str
    type: str
    param: str | None = None
    code: str


class Problem(BaseModel):
    """RFC 9457, and the same once more as OpenAI's clients read it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    error: Fault
