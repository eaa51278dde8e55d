"""How the service says no: a refusal, or a body of another shape, as a problem (RFC 9457) in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from ..characters import one_line
from ..refusals import Refusal, in_words
from .wire import Fault, Problem

STATUS = {  # of a refusal's code; any other is the caller's mistake
    "service-model": 404,
    "queue-full": 429,
    "queue-yours": 429,
    "task-gone": 503,
    "task-memory": 503,
    "task-unexpected": 500,
    "task-system": 500,
}
RETRY_SECONDS = 10
MEDIA = "application/problem+json"


def documented(*statuses: int) -> dict[int | str, dict[str, object]]:
    """For the schema of an address: which problems it has."""
    return {status: {"model": Problem, "content": {MEDIA: {}}, "description": _title(status)} for status in statuses}


def problem_of(refusal: Refusal) -> Problem:
    name = refusal.values.get("name")
    status = STATUS.get(refusal.code, 400)
    return _problem(status, in_words(refusal), refusal.code, name if isinstance(name, str) else None)


def refused(refusal: Refusal) -> JSONResponse:
    return _answer(problem_of(refusal))


def install(app: FastAPI) -> None:
    app.add_exception_handler(Refusal, lambda _request, error: refused(error))  # pyright: ignore[reportArgumentType], a handler gets what it was added for
    app.add_exception_handler(RequestValidationError, _misshapen)
    app.add_exception_handler(HTTPException, _other)


def _misshapen(_request: Request, error: Exception) -> JSONResponse:
    first: Mapping[str, object] = error.errors()[0] if isinstance(error, RequestValidationError) else {}
    place = first.get("loc")
    where = ".".join(str(part) for part in place if part != "body") if isinstance(place, tuple) else ""
    said = one_line(f"{where or 'body'}: {first.get('msg', 'it could not be read')}")[:300]
    return _answer(_problem(422, said, "misshapen", where or None))


def _other(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    return _answer(_problem(status, _title(status), "http"))


def _problem(status: int, detail: str, code: str, param: str | None = None) -> Problem:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    fault = Fault(message=detail, type=kind, param=param, code=code)
    return Problem(title=_title(status), status=status, detail=detail, error=fault)


def _answer(problem: Problem) -> JSONResponse:
    headers = {"Retry-After": str(RETRY_SECONDS)} if problem.status in (429, 503) else {}
    return JSONResponse(problem.model_dump(), problem.status, headers, MEDIA)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase
