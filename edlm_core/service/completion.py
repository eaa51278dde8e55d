"""From a body to tasks, one a prompt, and from what they have written to choices."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..catalogue import SAMPLERS, SamplerSpec
from ..config import MAX_LENGTH, SEEDS, Request, SampleConfig
from ..models.template import pieces
from ..refusals import Refusal
from ..work.write_task import Write, Written
from .loaded import AUTO, Served
from .wire import Choice, CompletionBody, LogProbs, Usage

# `auto`, until a policy has been measured: left to right where nothing stands to the right, else by what mends.
ONWARDS, BETWEEN = "ar", "corrector"
STEPS = 16


@dataclass(frozen=True)
class Asked:
    """One prompt of a body."""

    served: Served
    task: Write
    before: int  # tokens that stand before what is written, and behind it
    behind: int
    whole: bool  # the answer is the whole text
    echo: str  # what comes before the answer

    @property
    def route(self) -> str:
        """What it was sent to, `auto` resolved."""
        return f"{self.task.model}:{self.task.request.sampler}"

    @property
    def seed(self) -> int:
        return self.task.request.config.seed


def served_by(body: CompletionBody, served: Mapping[str, Served]) -> tuple[Served, str]:
    """The model, and the sampler or AUTO. Raises Refusal."""
    name, _, sampler = body.model.partition(":")
    if name not in served or (sampler or AUTO) not in (AUTO, *SAMPLERS):
        known = ", ".join(f"{name}:{AUTO}" for name in served)
        raise Refusal("service-model", known=f"{known}, …", got=repr(body.model[:80]))
    return served[name], sampler or AUTO


def asked(body: CompletionBody, served: Mapping[str, Served]) -> list[Asked]:
    """Raises Refusal for what the model, the sampler or the lengths do not allow, before anything is written."""
    model, sampler = served_by(body, served)
    prompts = [body.prompt] if isinstance(body.prompt, str) else body.prompt
    if sampler == AUTO:
        between = bool(body.suffix) or (body.blanks and any("_" in prompt for prompt in prompts))
        sampler = BETWEEN if between else ONWARDS
    spec = SAMPLERS[sampler]
    if body.logprobs is not None and not _has_a_likelihood(spec):
        named = [name for name, other in SAMPLERS.items() if _has_a_likelihood(other)]
        raise Refusal("service-logprobs", known=", ".join(named), got=sampler)
    if not spec.denoises and body.temperature != 1:
        raise Refusal("service-temperature", sampler=sampler, got=body.temperature)
    seed = secrets.randbelow(SEEDS - body.n) if body.seed is None else body.seed
    return [_asked(body, model, sampler, prompt, seed) for prompt in prompts]


def _has_a_likelihood(spec: SamplerSpec) -> bool:
    """Its texts are drawn from a language model's law, token by token."""
    return spec.writes_with_a_language_model or not spec.denoises


def _asked(body: CompletionBody, served: Served, sampler: str, prompt: str, seed: int) -> Asked:
    kept = prompt if body.blanks else prompt.replace("_", r"\_")
    suffix = (body.suffix or "").replace("_", r"\_")
    whole = body.blanks and any(blanks for _, blanks in pieces(prompt))
    written = 0 if whole else body.max_tokens
    text = f"{kept}{'_' * written}{suffix}" if suffix else kept
    fixed = [(len(served.tokenizer.encode(piece)), blanks) for piece, blanks in pieces(text)]
    length = sum(tokens + blanks for tokens, blanks in fixed) + (0 if suffix else written)
    if not 1 <= length <= MAX_LENGTH:
        raise Refusal("service-length", most=MAX_LENGTH, got=length)
    config = SampleConfig(
        length=length,
        num_steps=body.steps or STEPS,
        num_candidates=body.candidates or SampleConfig.num_candidates,
        temperature=body.temperature,
        reveal=body.reveal or SampleConfig.reveal,
        num_chains=body.n,
        seed=seed,
    )
    request = Request(sampler, body.energy or Request.energy, config, text if text.strip() else None)
    task = Write(served.ref.name, request, body.logprobs is not None)
    before, behind = fixed[0][0], fixed[-1][0] if suffix else 0
    return Asked(served, task, before, behind, whole, prompt if body.echo and not whole else "")


def choices(ones: Sequence[Asked], written: Sequence[Written | None], *, done: bool) -> list[Choice]:
    """While they are written: what stands without a gap from the left, which later only grows, and the whole draft."""
    found: list[Choice] = []
    for one, so_far in zip(ones, written, strict=True):
        for row in range(one.task.request.config.num_chains):
            found.append(_choice(one, so_far, row, len(found), done=done))
    return found


def _choice(one: Asked, so_far: Written | None, row: int, index: int, *, done: bool) -> Choice:
    seed = one.seed + row
    if so_far is None:
        return Choice(index=index, text="", seed=seed)
    tokenizer, ids = one.served.tokenizer, so_far.ids[row]
    draft = None if done else tokenizer.decode(ids)
    first, last = (0, len(ids)) if one.whole else (one.before, len(ids) - one.behind)
    ours = ids[first:last]
    stop = next((n for n, i in enumerate(ours) if i in (tokenizer.end_of_text, tokenizer.mask_id)), len(ours))
    ended = stop < len(ours) and ours[stop] == tokenizer.end_of_text
    text = one.echo + tokenizer.decode(ours[:stop])
    if not done:
        return Choice(index=index, text=_whole_characters(text), seed=seed, draft=draft)
    logprobs = _log_probs(one, so_far, row, first, first + stop) if so_far.log_probs else None
    reason = "stop" if ended or one.whole or one.behind else "length"
    return Choice(index=index, text=text, finish_reason=reason, logprobs=logprobs, seed=seed)


def _whole_characters(text: str) -> str:
    """Without the first bytes of a character whose rest is not there yet."""
    return text.rstrip("�")


def _log_probs(one: Asked, so_far: Written, row: int, first: int, last: int) -> LogProbs:
    tokenizer, ids = one.served.tokenizer, so_far.ids[row]
    starts = [len(one.echo) + len(tokenizer.decode(ids[first:n])) for n in range(first, last)]
    return LogProbs(
        tokens=[tokenizer.spell(i) for i in ids[first:last]],
        token_logprobs=[round(p, 6) for p in so_far.log_probs[row][first:last]],
        text_offset=starts,
    )


def usage(ones: Sequence[Asked]) -> Usage:
    """A prompt is counted once, what is written for each of its texts."""
    prompt = sum(one.before + one.behind for one in ones)
    written = sum(
        (one.task.request.config.length - one.before - one.behind) * one.task.request.config.num_chains for one in ones
    )
    return Usage(prompt_tokens=prompt, completion_tokens=written, total_tokens=prompt + written)
