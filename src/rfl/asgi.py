"""The API for a server: `uvicorn rfl.asgi:make --factory --no-server-header`."""

from rfl import logs, wiring
from rfl.app import AppOptions, FastAPI, create_app


def make() -> FastAPI:
    """Return the API of the node that the settings name, or raise Misconfigured."""
    chosen = wiring.settings()
    logs.configure(chosen.log_level)
    options = AppOptions(
        body_max_bytes=chosen.body_max_bytes,
        list_max_bytes=chosen.list_max_bytes,
        matcher=chosen.matcher == "inside",
    )
    return create_app(wiring.runtime(chosen), options)
