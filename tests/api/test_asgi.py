"""The factory that servers call: settings into a running API, over a real socket."""

import http.client
import json
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from rfl import asgi, wiring
from rfl.domain.access import Role
from rfl.errors import Misconfigured
from rfl.flows.admit import add_account
from rfl.flows.runtime import OFFICE_CALL
from tests.api.support import make_request


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An initialised node in the environment; the token of an officer."""
    monkeypatch.setenv("RFL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RFL_KEY_FILE", str(tmp_path / "master.key"))
    monkeypatch.setenv("RFL_BODY_MAX_BYTES", "2048")
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    rt = wiring.prepare(wiring.settings())
    token = add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "skopje", "Officer").token
    rt.database.dispose()
    yield token
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_node_serves_over_a_socket_and_stops(node: str) -> None:
    app = asgi.make()
    config = uvicorn.Config(app, port=0, server_header=False, log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            _use(listening.getsockname()[1], node)
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()
    app.state.node.rt.database.dispose()


def _use(port: int, token: str) -> None:
    while _answer(port, "GET", "/health/ready")[0] != 200:
        time.sleep(0.05)
    headers = {"Authorization": f"Bearer {token}", "RFL-Purpose": "tracing"}
    headers["Content-Type"] = "application/json"
    body = json.dumps(make_request())
    status, names, _content = _answer(port, "POST", "/v1/requests", body, headers)
    assert status == 201
    assert "server" not in names
    status, _names, content = _answer(port, "POST", "/v1/requests", body + " " * 2048, headers)
    assert status == 413
    assert json.loads(content)["code"] == "too-large"


def _answer(
    port: int,
    method: str,
    path: str,
    body: str | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, list[str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, headers or {})
    answer = connection.getresponse()
    found = answer.status, [name.lower() for name in answer.headers], answer.read()
    connection.close()
    return found


def test_a_node_that_was_not_initialised_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RFL_DATA", str(tmp_path))
    monkeypatch.setenv("RFL_LOG_LEVEL", "chatty")
    with pytest.raises(Misconfigured):
        asgi.make()
