"""The service as its clients see it: OpenAI's own package over a socket, and a fuzzer over its schema."""

import json
import shutil
import socket
import threading
import time
import urllib.request

import openai
import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from starlette.testclient import TestClient

from edlm_core.config import Request, SampleConfig
from edlm_core.measure.trial import run_trial
from edlm_core.service import app as app_module
from edlm_core.service.app import service
from edlm_core.service.loaded import load
from edlm_core.work import local as local_module
from edlm_core.work.write_task import Write

FORM = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def served(tiny_folder, tmp_path_factory):
    """The tiny model, as a visitor's own."""
    data = tmp_path_factory.mktemp("data")
    shutil.copytree(tiny_folder, data / "models" / "tiny")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDLM_DATA", str(data))
        patch.setenv("EDLM_DTYPE", "float32")  # as the `tiny` that its texts are held against
        patch.setattr(local_module, "choose_threads", lambda model: None)
        patch.setattr(local_module, "warm_up", lambda models, model: {})
        patch.setattr(local_module, "load_smollm2", lambda model, learned: None)
        found = load(["tiny"])
        assert found["tiny"].local.ready.wait(60)
        yield found
        found["tiny"].local.close()


@pytest.fixture(scope="module")
def port(served):
    """Of a real server, in a thread of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(service(served), port=number, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield number
    server.should_exit = True
    thread.join(30)


@pytest.fixture(scope="module")
def client(port):
    return openai.OpenAI(base_url=f"http://127.0.0.1:{port}/v1", api_key="none", max_retries=0)


@pytest.fixture
def http(served):
    """Without a socket, for what a client of OpenAI's would not send."""
    with TestClient(service(served), raise_server_exceptions=False) as client:
        yield client


def written(tiny, sampler, length, *, prompt=None, **config):
    """The same by the library."""
    request = Request(sampler, "ar", SampleConfig(length=length, num_steps=16, **config), prompt)
    return run_trial(tiny, request)


# ── OpenAI's client ──────────────────────────────────────────────────────────────


def test_it_lists_every_sampler_of_every_model(client):
    names = [model.id for model in client.models.list()]
    assert names[:3] == ["tiny:auto", "tiny:mdlm", "tiny:edlm"]
    assert "tiny:ar" in names


@pytest.mark.parametrize("sampler", ["edlm", "ar", "mdlm"])
def test_a_completion_is_what_the_library_writes_from_these_seeds(client, tiny, sampler):
    prompt = "Tom saw"
    ids = tiny.tokenizer.encode(prompt)
    answer = client.completions.create(model=f"tiny:{sampler}", prompt=prompt, max_tokens=6, n=3, seed=5)
    expected = written(tiny, sampler, len(ids) + 6, prompt=prompt, num_chains=3, seed=5)
    assert [choice.text for choice in answer.choices] == [until_the_end(tiny, row[len(ids) :]) for row in expected.ids]
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert answer.usage.prompt_tokens == len(ids)
    assert answer.usage.completion_tokens == 18
    assert answer.system_fingerprint == tiny.fingerprint


def until_the_end(tiny, ids):
    end = tiny.tokenizer.end_of_text
    return tiny.tokenizer.decode(ids[: ids.index(end)] if end in ids else ids)


def test_several_prompts_are_answered_in_their_order_and_echoed(client):
    ask = {"model": "tiny:mdlm", "max_tokens": 4, "seed": 1}
    both = client.completions.create(prompt=["Tom", "a_b"], n=2, echo=True, **ask)
    alone = [client.completions.create(prompt=prompt, n=2, **ask) for prompt in ("Tom", "a_b")]
    assert [c.text for c in both.choices] == [
        prompt + choice.text for prompt, one in zip(("Tom", "a_b"), alone, strict=True) for choice in one.choices
    ]


def test_a_suffix_stays_where_it_is_and_so_does_all_around_blanks(client):
    ask = {"model": "tiny:auto", "seed": 2}
    between = client.completions.create(prompt="Tom saw a", suffix=" in the tree.", max_tokens=3, **ask)
    (choice,) = between.choices
    assert choice.finish_reason == "stop"
    assert between.usage.completion_tokens == 3
    blanks = client.completions.create(prompt="Tom saw a ___ in the tree.", extra_body={"blanks": True}, **ask)
    assert blanks.choices[0].text == f"Tom saw a{choice.text} in the tree."


def test_log_probabilities_are_those_of_the_autoregressive_model(client, tiny):
    import torch

    answer = client.completions.create(model="tiny:ar", prompt="Tom", max_tokens=8, seed=4, logprobs=0)
    (choice,), before = answer.choices, tiny.tokenizer.encode("Tom")
    told = choice.logprobs
    ids = written(tiny, "ar", len(before) + 8, prompt="Tom", seed=4).ids[0]
    expected = tiny.autoregressive.token_log_probs(torch.tensor([ids]))[0, len(before) :]
    assert told.token_logprobs == pytest.approx(expected[: len(told.tokens)].tolist(), abs=1e-4)
    assert "".join(told.tokens) == choice.text
    assert [choice.text[n:].startswith(token) for n, token in zip(told.text_offset, told.tokens, strict=True)]


def test_pieces_of_a_stream_put_together_are_the_whole_text(client):
    ask = {"model": "tiny:edlm", "prompt": "Tom", "max_tokens": 12, "n": 2, "seed": 8}
    texts, drafts = ["", ""], []
    for piece in client.completions.create(stream=True, **ask):
        for choice in piece.choices:
            texts[choice.index] += choice.text
            drafts.append(getattr(choice, "draft", None))
    whole = client.completions.create(**ask)
    assert texts == [choice.text for choice in whole.choices]
    assert any(draft and "▢" in draft for draft in drafts)
    assert drafts[-1] is None


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ({"model": "gpt-4"}, openai.NotFoundError, "model: expected one of tiny:auto"),
        ({"model": "tiny:none"}, openai.NotFoundError, "model: expected one of tiny:auto"),
        ({"model": "tiny:edlm", "logprobs": 0}, openai.BadRequestError, "logprobs: expected one of speculative, ar"),
        ({"model": "tiny:ar", "temperature": 0.5}, openai.BadRequestError, "temperature: expected 1 with ar, got 0.5"),
        ({"model": "tiny:edlm", "temperature": 0.0}, openai.BadRequestError, "temperature"),
        ({"model": "tiny:edlm", "max_tokens": 1024, "prompt": "Tom"}, openai.BadRequestError, "expected 1 to 1024 tok"),
        ({"model": "tiny:edlm", "max_tokens": 0}, openai.UnprocessableEntityError, "max_tokens"),
        ({"model": "tiny:edlm", "top_p": 0.5}, openai.UnprocessableEntityError, "top_p"),
        ({"model": "tiny:edlm", "prompt": "\x07"}, openai.BadRequestError, "U+0007"),
        ({"model": "tiny:edlm", "extra_body": {"energy": "love"}}, openai.BadRequestError, "energy: expected one of"),
    ],
)
def test_a_mistake_is_said_in_one_line_that_the_client_understands(client, body, error, said):
    with pytest.raises(error) as caught:
        client.completions.create(**({"prompt": "Tom"} | body))
    assert said in caught.value.body["message"]
    assert "\n" not in caught.value.body["message"]
    assert caught.value.response.headers["content-type"] == "application/problem+json"


# ── health, figures, room ────────────────────────────────────────────────────────


def test_health_says_which_models_are_ready(http, served, monkeypatch):
    assert http.get("/healthz").json() == {"status": "ok", "models": {"tiny": "ok"}}
    monkeypatch.setattr(served["tiny"].local, "ready", threading.Event())
    loading = http.get("/healthz")
    assert (loading.status_code, loading.json()["status"]) == (503, "loading")


def test_figures_count_what_was_asked_and_written(http):
    body = {"model": "tiny", "prompt": ["Tom", "A"], "max_tokens": 5, "n": 2, "seed": 1}
    assert http.post("/v1/completions", json=body).status_code == 200
    assert http.post("/v1/completions", json=body | {"model": "none"}).status_code == 404
    said = http.get("/metrics").text
    assert 'edlm_requests_total{route="tiny:ar",status="ok"} 1.0' in said
    assert 'edlm_tokens_total{route="tiny:ar"} 20.0' in said
    assert "edlm_active_requests 0.0" in said


def test_a_full_line_says_when_to_come_back(http, monkeypatch):
    monkeypatch.setattr(local_module, "CAPACITY", 0)
    body = {"model": "tiny:mdlm", "prompt": "nobody asked this before", "max_tokens": 5, "seed": 77}
    answer = http.post("/v1/completions", json=body)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0


def test_who_hangs_up_stops_the_work(port, served, monkeypatch):
    """The stream's first event comes, the socket is closed, and the task ends before its last step."""
    held, stopped = threading.Event(), threading.Event()
    whole = Write.start

    def slow(task, models):
        try:
            for progress in whole(task, models):
                yield progress
                held.wait(30)
        except GeneratorExit:
            stopped.set()
            raise

    monkeypatch.setattr(Write, "start", slow)
    body = {"model": "tiny:mdlm", "prompt": "Tom", "max_tokens": 32, "seed": 123, "stream": True}
    ask = urllib.request.Request(f"http://127.0.0.1:{port}/v1/completions", json.dumps(body).encode(), FORM)
    answer = urllib.request.urlopen(ask, timeout=30)
    assert answer.readline().startswith(b"data: ")
    answer.close()
    time.sleep(10 * app_module.POLL_SECONDS)
    held.set()
    assert stopped.wait(30)


# ── anything at all ──────────────────────────────────────────────────────────────


def test_nothing_that_fits_or_breaks_the_schema_is_answered_by_a_fault_of_ours(served):
    schema = schemathesis.openapi.from_asgi("/openapi.json", service(served))
    seen = []
    for found in schema.get_all_operations():
        operation = found.ok()
        seen.append(operation.label)
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            if mode is schemathesis.GenerationMode.NEGATIVE and operation.method == "get":
                continue

            @settings(
                max_examples=25,
                deadline=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case):
                answer = case.call()
                assert answer.status_code < 500, answer.text
                if answer.status_code >= 400:
                    assert answer.headers["content-type"][0].startswith("application/problem+json")
                    assert answer.json()["error"]["message"]

            ask()
    assert seen == ["GET /v1/models", "GET /healthz", "GET /metrics", "POST /v1/completions"]
