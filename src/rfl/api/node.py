"""What the API serves: a runtime, its limits, and whether it is ready; and one request's trace."""

from collections.abc import Callable
from dataclasses import dataclass, field

from rfl.domain.ids import new_id
from rfl.flows.runtime import Runtime


@dataclass(frozen=True, slots=True)
class AppOptions:
    """Limits of the API. `matcher`: whether this process follows the feed and matches.

    `follows`: whether it follows the feed where another process matches.
    """

    body_max_bytes: int = 1024 * 1024
    list_max_bytes: int = 64 * 1024 * 1024
    attachment_max_bytes: int = 20 * 1024 * 1024
    matcher: bool = True
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """One runtime behind one API."""

    rt: Runtime
    options: AppOptions
    ready: Callable[[], bool]


@dataclass(slots=True)
class Trace:
    """What the log will say of one request; it stands in the ASGI scope under `TRACE`."""

    id: str = field(default_factory=lambda: new_id("req"))
    actor: str | None = None
    status: int = 0


TRACE = "rfl.trace"
