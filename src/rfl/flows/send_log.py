"""Give a part of the access log to somebody outside: what, to whom, until when, and on record.

The entry and the row that say so are committed before the first byte leaves. Each record carries
the number of its leaf, so that whoever is interrupted asks again from where they stopped.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rfl.audit import checkpoint, csvlines, fhir, ocsf, sequencer
from rfl.audit.records import CHUNK, Record, records
from rfl.domain.access import Verb
from rfl.domain.approval import Approves, Exact
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime, require_second
from rfl.storage import ledger, shares, tree
from rfl.storage.shares import NewShare, Share
from rfl.storage.work import day_micros

_RECIPIENT = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


class Form(StrEnum):
    """How records are written; each is one line."""

    FHIR = "fhir"
    CSV = "csv"
    OCSF = "ocsf"


MEDIA_TYPES = {
    Form.FHIR: "application/fhir+ndjson",
    Form.CSV: "text/csv",
    Form.OCSF: "application/x-ndjson",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: the form, a recipient's code, its end date, and the first leaf."""

    form: Form
    recipient: str
    until: date
    begin: int = 0

    @property
    def exact(self) -> Exact:
        """What a second officer agrees to."""
        details = (self.form.value, self.until.isoformat(), str(self.begin))
        return Exact(Approves.BULK_EXPORT, self.recipient, details)


@dataclass(frozen=True, slots=True)
class Sending:
    """An export that is on record. `lines` are read from the log while they are taken.

    `end` is the leaf at which the next one may begin; of the leaves before it `repeated` had been
    given to this recipient in this form before.
    """

    begin: int
    end: int
    repeated: int
    lines: Iterator[bytes]


def send_log(rt: Runtime, call: Call, wish: Wish) -> Sending:
    """Put an export on record and return its lines, or raise InvalidInput or Forbidden."""
    _check(wish)
    _sequence(rt, call)
    with rt.begin(call, Verb.LOG_SEND) as work:
        work.require()
        if wish.until < work.today:
            raise InvalidInput("until", "must be a day that is not over")
        require_second(rt, work, call, wish.exact)
        work.peer = wish.recipient
        end = tree.size(work)
        share = NewShare(
            recipient=wish.recipient,
            form=wish.form,
            begin=min(wish.begin, end),
            end=end,
            until=day_micros(wish.until) or 0,
        )
        repeated = shares.repeated(work, share)
        ledger.append(work, count=share.end - share.begin, reason=wish.form)
        shares.keep(work, share)
    origin = checkpoint.origin(rt.rules.society)
    lines = _lines(rt, call, share, origin)
    return Sending(share.begin, share.end, repeated, lines)


def list_shares(rt: Runtime, call: Call) -> list[Share]:
    """Return who received which leaves until when, newest first; the reading is an entry."""
    with rt.begin(call, Verb.LOG_READ) as work:
        work.require()
        ledger.append(work, reason="recipients")
        return shares.all_shares(work)


def _check(wish: Wish) -> None:
    if not _RECIPIENT.fullmatch(wish.recipient):
        raise InvalidInput("recipient", "must be a code of small letters, digits and hyphens")
    if wish.begin < 0:
        raise InvalidInput("from", "must be the number of a leaf")


def _sequence(rt: Runtime, call: Call) -> None:
    """Give waiting entries their leaves, so that the export has them."""
    while True:
        with rt.begin(call, Verb.LOG_SEND) as work:
            work.require()
            if sequencer.sequence(work) < sequencer.BATCH:
                return


def _lines(rt: Runtime, call: Call, share: NewShare, origin: str) -> Iterator[bytes]:
    written: dict[str, Callable[[Record], bytes]] = {
        Form.FHIR: lambda record: fhir.line(record, origin),
        Form.CSV: csvlines.line,
        Form.OCSF: lambda record: ocsf.line(record, origin),
    }
    if share.form == Form.CSV:
        yield csvlines.head()
    for begin in range(share.begin, share.end, CHUNK):
        # What has a leaf never changes, so no lock and no long view is held over all of it.
        with rt.look(call, Verb.LOG_SEND) as work:
            part = list(records(work, begin, min(begin + CHUNK, share.end)))
        yield from map(written[share.form], part)
