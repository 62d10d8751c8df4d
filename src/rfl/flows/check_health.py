"""Tell whether the node can work."""

from rfl.domain.access import Verb
from rfl.errors import RflError
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import feed


def database_answers(rt: Runtime) -> bool:
    """True if the database answers a question."""
    try:
        with rt.look(OFFICE_CALL, Verb.RETAIN) as work:
            feed.waiting(work)
    except RflError:
        return False
    return True
