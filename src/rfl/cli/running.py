"""`rfl serve` and `rfl worker`: the processes of a node."""

import signal
import socket
from typing import Annotated

import typer
import uvicorn

from rfl import wiring, worker
from rfl.cli import show
from rfl.cli.garbage import collect_seldom
from rfl.errors import Misconfigured

app = typer.Typer()

STOP_SECONDS = 4


class _Server(uvicorn.Server):
    """Says on standard output where it listens, as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        collect_seldom()
        for listener in sockets or []:
            print(f"Listening on {_address(listener)}", flush=True)


@app.command(
    epilog=show.examples(
        "rfl serve", "rfl serve --host 127.0.0.1 --port 0", "rfl serve 2> log.jsonl"
    )
)
def serve(
    *,
    host: Annotated[str | None, typer.Option(help="Address; default: RFL_HOST.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port, 0 for any; default: RFL_PORT.")
    ] = None,
) -> None:
    """Serve the HTTP API, and match in the background unless RFL_MATCHER is off.

    The first line on standard output says where it listens; the log goes to standard error, one
    JSON object a line. SIGTERM or Ctrl-C stops it once the requests under way are answered.

    It speaks plain HTTP: outside the machine it stands behind a proxy with TLS.
    """
    chosen = wiring.settings()
    server = _Server(
        uvicorn.Config(
            "rfl.asgi:make",
            factory=True,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    # The server takes the signal while it runs, and raises it once more when it has stopped: then,
    # and before it runs, this one only notes that it is to end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    with _listener(host or chosen.host, chosen.port if port is None else port) as listener:
        server.run(sockets=[listener])


@app.command("worker", epilog=show.examples("RFL_MATCHER=off rfl serve & rfl worker"))
def work() -> None:
    """Follow changes, match and tidy without HTTP, until SIGTERM or Ctrl-C.

    For nodes whose HTTP processes run with RFL_MATCHER=off.
    """
    collect_seldom()
    worker.run()


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as cause:
        listener.close()
        rule = "This address cannot be listened on: it is in use, or not of this machine."
        raise Misconfigured(rule, field="RFL_HOST, RFL_PORT") from cause
    return listener


def _address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
