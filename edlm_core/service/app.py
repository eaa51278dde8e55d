"""The addresses: /v1/completions, /v1/models, /healthz, /metrics. Here is the waiting, the work is in other threads."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence

from fastapi import FastAPI, Request
from fastapi.responses import Response, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from ..refusals import Refusal
from ..work.executor import TaskState
from ..work.task import TaskId
from ..work.write_task import Written
from .completion import Asked, asked, choices, usage
from .gauges import Gauges
from .loaded import Served
from .problems import documented, install, problem_of, refused
from .wire import Completion, CompletionBody, Health, ServedModel, ServedModels, State

POLL_SECONDS = 0.03
STATES: tuple[State, ...] = ("failed", "loading", "ok")  # of a model, the worst first
EVENTS = "text/event-stream"
COMPLETIONS = documented(400, 404, 422, 429, 500, 503) | {200: {"content": {EVENTS: {}}}}


def service(served: Mapping[str, Served]) -> FastAPI:
    """The application. What it is given to serve is closed by whoever loaded it."""
    app = FastAPI(title="EDLM Explorer", summary="Texts by diffusion language models", version="1")
    install(app)
    gauges, created = Gauges(), int(time.time())

    @app.get("/v1/models")
    def models() -> ServedModels:
        names = [route for model in served.values() for route in model.routes]
        return ServedModels(data=[ServedModel(id=name, created=created, owned_by="local") for name in names])

    @app.get("/healthz", responses={503: {"model": Health}})
    def healthz(response: Response) -> Health:
        states: dict[str, State] = {name: _state(model) for name, model in served.items()}
        worst = min(states.values(), key=STATES.index)
        response.status_code = 200 if worst == "ok" else 503
        return Health(status=worst, models=states)

    @app.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    def metrics() -> Response:
        return Response(generate_latest(gauges.registry), media_type=CONTENT_TYPE_LATEST)

    @app.post("/v1/completions", responses=COMPLETIONS)
    async def completions(body: CompletionBody, request: Request) -> Completion:
        """One JSON object; with `stream` server-sent events, one a step."""
        ones = asked(body, served)
        work = Work(ones, gauges, body.model)
        if body.stream:
            return StreamingResponse(_events(work, body), media_type=EVENTS)  # pyright: ignore[reportReturnType], FastAPI passes a response on
        try:
            async for state in work.states():
                if await request.is_disconnected():
                    break
                if state.error is not None:
                    return refused(state.error)  # pyright: ignore[reportReturnType], as above
        finally:
            work.leave()
        return work.answer(done=True)

    return app


def _state(model: Served) -> State:
    if not model.local.ready.is_set():
        return "loading"
    return "ok" if model.local.error is None else "failed"


class Work:
    """What one body asks for, while it is done."""

    def __init__(self, ones: Sequence[Asked], gauges: Gauges, name: str) -> None:
        """`name`: of the model, as it was asked for. Raises Refusal where there is no room."""
        self._ones, self._gauges, self._name, self._route = ones, gauges, name, ones[0].route
        self._by, self._began = uuid.uuid4().hex, time.monotonic()
        self._created, self._stepped, self._open = int(time.time()), False, False
        self._ids: list[TaskId] = []
        try:
            for one in ones:
                self._ids.append(one.served.local.submit(one.task, by=self._by))
        except Refusal:
            self.leave()
            raise
        gauges.active.inc()
        self._open = True

    async def states(self) -> AsyncIterator[TaskState]:
        """Of the one that is furthest behind, until all have ended or one has failed."""
        while True:
            states = [one.served.local.state(id) for one, id in zip(self._ones, self._ids, strict=True)]
            failed = next((state for state in states if state.error is not None), None)
            behind = failed or min(states, key=lambda state: state.share)
            if not self._stepped and behind.share > 0:
                self._stepped = True
                self._gauges.first.labels(self._route).observe(time.monotonic() - self._began)
            yield behind
            if failed or not any(state.active for state in states):
                self._close("error" if failed else "ok")
                return
            for one, id in zip(self._ones, self._ids, strict=True):
                one.served.local.watch(id, self._by)
            await asyncio.sleep(POLL_SECONDS)

    def answer(self, *, done: bool, share: float | None = None) -> Completion:
        results: list[Written | None] = [
            one.served.local.result(id) for one, id in zip(self._ones, self._ids, strict=True)
        ]
        return Completion(
            id=f"cmpl-{self._by}",
            created=self._created,
            model=self._name,
            system_fingerprint=self._ones[0].served.fingerprint,
            choices=choices(self._ones, results, done=done),
            usage=usage(self._ones) if done else None,
            share=share,
        )

    def leave(self) -> None:
        """Nobody waits for it any more: what nobody else has asked for ends."""
        for one, id in zip(self._ones, self._ids, strict=False):
            one.served.local.stop(id, self._by)
        self._close("left")

    def _close(self, status: str) -> None:
        if not self._open:
            return
        self._open = False
        self._gauges.active.dec()
        self._gauges.requests.labels(self._route, status).inc()
        self._gauges.seconds.labels(self._route).observe(time.monotonic() - self._began)
        if status == "ok":
            self._gauges.tokens.labels(self._route).inc(usage(self._ones).completion_tokens)


async def _events(work: Work, body: CompletionBody) -> AsyncIterator[str]:
    """A completion a step: the texts of a choice, put together, are its whole text."""
    sent: dict[int, str] = {}
    share = -1.0
    try:
        async for state in work.states():
            if state.error is not None:
                yield _event(problem_of(state.error).model_dump_json())
                return
            if state.active and state.share > share:
                share = state.share
                yield _event(_grown(work.answer(done=False, share=share), sent))
        yield _event(_grown(work.answer(done=True), sent))
        yield _event("[DONE]")
    finally:
        work.leave()


def _grown(answer: Completion, sent: dict[int, str]) -> str:
    """With what is new of each text alone."""
    for choice in answer.choices:
        before = sent.get(choice.index, "")
        sent[choice.index] = choice.text if choice.text.startswith(before) else before
        choice.text = choice.text[len(before) :]
    return answer.model_dump_json(exclude_none=True)


def _event(data: str) -> str:
    return f"data: {data}\n\n"
