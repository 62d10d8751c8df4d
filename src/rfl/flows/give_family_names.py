"""Give one's own family names, so that reading about one's relatives can be noticed."""

from collections.abc import Sequence

from rfl.domain import text
from rfl.domain.access import Verb
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, ledger

MOST = 10


def give_family_names(rt: Runtime, call: Call, names: Sequence[str]) -> None:
    """Keep the caller's own family names, sealed, in place of those given before; none for none."""
    if len(names) > MOST:
        raise InvalidInput("names", f"must hold at most {MOST} items")
    for number, name in enumerate(names):
        text.line(name, f"names[{number}]", text.NAME_LIMIT)
    with rt.begin(call, Verb.FAMILY_NAMES) as work:
        work.require()
        accounts.put_family_names(work, call.actor.id, names)
        ledger.append(work, count=1, reason="given" if names else "taken_back")
