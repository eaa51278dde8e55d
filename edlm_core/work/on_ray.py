"""The batches of a sweep on Ray (https://docs.ray.io): worker processes of this machine, or of a cluster that runs.

Core alone, an optional package (`requirements-cluster.txt`). Rows come back to this process, which is the only one that
writes into the store. What Ray says to the network, and what was switched off: docs/deploy.md.
"""

from __future__ import annotations

import logging
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..config import Request
from ..measure.settled import How
from ..measure.todo import Batch
from ..refusals import Refusal
from .cores import cores
from .encoding import restored_refusal, told_refusal
from .executor import refusal_of
from .hands import RAY, Written

if TYPE_CHECKING:
    from ..measure.trial_row import TrialRow

OBJECTS = 128 << 20  # bytes of shared memory; a batch's rows are a few kilobytes
RETRIES = 3  # of a batch whose worker died
CONNECT_SECONDS = 5
WAIT_SECONDS = 0.5
# At its start Ray asks the addresses at which clouds tell a machine of itself, usage report or not. A proxy that nobody
# listens at keeps that, and whatever else one of its processes should want to fetch, on this machine.
NOWHERE = "http://127.0.0.1:9"
OFFLINE = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), NOWHERE) | dict.fromkeys(
    ("no_proxy", "NO_PROXY"), "127.0.0.1,localhost"
)
INSTALL = "pip install -r requirements-cluster.txt"


class Cluster:
    """As many batches in hand as there are cores for, each with the sweep's threads."""

    def __init__(self, address: str, how: How) -> None:
        """`address`: RAY, which starts one here that ends with this process, or ray://host:port. Raises Refusal."""
        self._ray, self._folder = _imported(address), ""
        if address == RAY:
            self._start(how)
        else:
            self._join(address)
        self.how = how
        self._room = max(1, int(self._ray.cluster_resources().get("CPU", 1)) // how.threads)
        self._measure = self._ray.remote(num_cpus=how.threads, max_retries=RETRIES)(measure)
        self._hand: dict[Any, Batch] = {}

    @property
    def free(self) -> bool:
        return len(self._hand) < self._room

    @property
    def busy(self) -> bool:
        return bool(self._hand)

    def take(self, batch: Batch) -> None:
        self._hand[self._measure.remote(self.how, batch.request)] = batch

    def turn(self) -> list[Written]:
        ready, _ = self._ray.wait(list(self._hand), timeout=WAIT_SECONDS)
        return [self._written(one) for one in ready]

    def close(self) -> None:
        for one in self._hand:
            self._ray.cancel(one, force=True)
        self._ray.shutdown()
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _written(self, one: Any) -> Written:
        batch = self._hand.pop(one)
        try:
            rows, error = self._ray.get(one)
        except self._ray.exceptions.RayError:  # its worker died, and so did those that tried again
            return Written(batch, [], Refusal("ray-worker", retries=RETRIES))
        return Written(batch, rows, None if error is None else restored_refusal(error))

    def _start(self, how: How) -> None:
        """On this machine: no port but on the loopback, no dashboard, no usage report, nothing fetched, and a token
        that is in no file."""
        self._folder = tempfile.mkdtemp(prefix="edlm-ray-", dir="/tmp" if Path("/tmp").is_dir() else None)  # noqa: S108, a socket's path must be short
        try:
            with _environment(OFFLINE | {"OMP_NUM_THREADS": str(how.threads)}):  # of all processes that Ray starts
                self._ray.init(
                    num_cpus=max(cores(), how.threads),
                    num_gpus=0,
                    object_store_memory=OBJECTS,
                    include_dashboard=False,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    _node_ip_address="127.0.0.1",
                    _temp_dir=self._folder,
                )
        except (RuntimeError, OSError) as error:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise Refusal("ray-start", error=str(error).splitlines()[0]) from None

    def _join(self, address: str) -> None:
        host, _, port = address.partition("://")[2].rpartition(":")
        try:
            socket.create_connection((host, int(port)), CONNECT_SECONDS).close()
            self._ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
        except ImportError:
            raise Refusal("ray-missing", how=INSTALL) from None
        except (OSError, ValueError, OverflowError, RuntimeError) as error:
            raise Refusal("ray-unreachable", got=address, error=str(error).splitlines()[0]) from None


def measure(how: How, request: Request) -> tuple[list[TrialRow], Any]:
    """In a worker: a batch's rows, or the refusal that stands in their place."""
    from ..measure.batch import measure_batch

    try:
        return measure_batch(how, request), None
    except Exception as error:  # noqa: BLE001, of whatever kind, it is this cell's and no other's
        return [], told_refusal(refusal_of(error))


@contextmanager
def _environment(values: Mapping[str, str]) -> Generator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _imported(address: str) -> Any:
    """Ray, which reads these when it is first imported. Raises Refusal."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    if address == RAY:
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # no cluster: the loopback, on Linux too
    if address == RAY and "RAY_AUTH_MODE" not in os.environ:
        os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    try:
        import ray
    except ImportError:
        raise Refusal("ray-missing", how=INSTALL) from None
    return ray
