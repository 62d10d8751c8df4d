"""`rfl serve` and `rfl worker`: the processes of a node."""

import signal
import socket
import ssl
from pathlib import Path
from types import FrameType
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
            print(f"Listening on {_address(listener, secure=self.config.is_ssl)}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Note that it is to end; while it still waits for its database, end at once."""
        super().handle_exit(sig, frame)
        if not self.config.loaded:
            raise SystemExit(0)


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

    With RFL_TLS_CERT_FILE and RFL_TLS_KEY_FILE it speaks TLS 1.3 and nothing older. Without them it
    speaks plain HTTP, and outside the machine it stands behind a proxy with TLS.
    """
    chosen = wiring.settings()
    tls = _tls(chosen.tls_cert_file, chosen.tls_key_file)
    server = _Server(
        uvicorn.Config(
            "rfl.asgi:make",
            factory=True,
            log_config=None,
            access_log=False,
            server_header=False,
            ssl_context_factory=None if tls is None else lambda _config, _make: tls,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )
    # The server takes the signal while it runs, and raises it once more when it has stopped: then,
    # and before it runs, this one only notes that it is to end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    with _listener(host or chosen.host, chosen.port if port is None else port) as listener:
        server.run(sockets=[listener])


@app.command(
    "worker",
    epilog=show.examples(
        "RFL_MATCHER=off rfl serve & rfl worker",
        "RFL_DATABASE=postgresql://rfl_matcher@db.example/rfl rfl worker --matching",
    ),
)
def work(
    *,
    matching: Annotated[
        bool, typer.Option("--matching", help="Match, and do nothing of the rest.")
    ] = False,
) -> None:
    """Follow changes, match and tidy without HTTP, until SIGTERM or Ctrl-C.

    For nodes whose HTTP processes run with RFL_MATCHER=off. With --matching it only matches, which
    PostgreSQL's role of the matcher is enough for: neither contact nor whereabouts, no account.
    Another process does the rest then.
    """
    collect_seldom()
    worker.run(matching_alone=matching)


def _tls(certificate: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if certificate is None and key is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        if certificate is None or key is None:
            raise FileNotFoundError
        context.load_cert_chain(certificate, key)
    except OSError as cause:
        rule = "Both must be PEM files that belong together."
        raise Misconfigured(rule, field="RFL_TLS_CERT_FILE, RFL_TLS_KEY_FILE") from cause
    return context


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


def _address(listener: socket.socket, *, secure: bool) -> str:
    host, port = listener.getsockname()[:2]
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
