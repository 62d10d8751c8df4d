"""The API for a server: `uvicorn rfl.asgi:make --factory --no-server-header`."""

import sys

from rfl import logs, waiting, wiring
from rfl.app import AppOptions, FastAPI, create_app

# Calls wait for the database many times each, and after every wait for the interpreter: with the
# usual 5 ms, eight callers at once got 15 % fewer answers and a longer tail.
SWITCH_SECONDS = 0.0005


def make() -> FastAPI:
    """Return the API of the node that the settings name, or raise Misconfigured.

    It waits for a database that is away, for as long as the settings say.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    chosen = wiring.settings()
    logs.configure(chosen.log_level)
    options = AppOptions(
        body_max_bytes=chosen.body_max_bytes,
        list_max_bytes=chosen.list_max_bytes,
        attachment_max_bytes=chosen.attachment_max_bytes,
        matcher=chosen.matcher == "inside",
        follows=True,
    )
    return create_app(waiting.serving(chosen), options, wiring.transport(chosen))
