"""Tell what was sent to which partner, and how often."""

from datetime import datetime

from rfl.audit.disclosures import Sent, by_partner
from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.domain.question import Question
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger, log_questions


def list_disclosures(
    rt: Runtime,
    call: Call,
    *,
    peer: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Sent]:
    """Return counts for each partner, or one; the entries themselves are asked for by its code."""
    asked = Question(peer=peer, since=since, until=until)
    with rt.begin(call, Verb.LOG_READ) as work:
        work.require()
        ledger.append(work, reason="disclosures")
    with rt.look(call, Verb.LOG_READ) as work:
        bodies = log_questions.with_peers(work, asked.since, asked.until, asked.peer)
        return by_partner(map(from_bytes, bodies), rt.rules.zone)
