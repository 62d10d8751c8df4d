"""What goes wrong between a client and its node."""

from rfl.errors import RflError


class ClientProblem(RflError):
    """A refusal of the node (RFC 9457), or a node that cannot be reached (`status` 0)."""

    def __init__(self, code: str, rule: str, *, field: str | None = None, status: int = 0) -> None:
        super().__init__(rule, field=field)
        self.code = code
        self.status = status


UNREACHABLE = "unreachable"
