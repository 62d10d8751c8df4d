"""Stream the access log to a collector by syslog over TLS, at least once, in order.

The log itself is the spool: it lies on disk, holds log ids only, and survives whatever kills the
sender. What is kept beside it is one position, moved when the collector has acknowledged. Once a
day, and before its first byte, the stream is an entry and a row among the recipients.
"""

from dataclasses import dataclass
from datetime import timedelta

from rfl.audit import syslog
from rfl.audit.records import CHUNK, records
from rfl.domain.access import Verb
from rfl.flows.rules import Collector
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import ledger, shares, tree
from rfl.storage.shares import NewShare
from rfl.storage.work import Work, day_micros

FORM = "syslog"


@dataclass(frozen=True, slots=True)
class _Batch:
    begin: int
    end: int
    frames: list[bytes]


def stream_batch(rt: Runtime) -> int:
    """Send the next entries and keep that they were received; return how many leaves that were.

    Raises NotReceived, with the position where it was, if the collector did not take all of it.
    """
    to = rt.rules.collector
    if to is None or not _waits(rt, to):
        return 0
    batch = _batch(rt, to)
    if batch.frames:
        context = syslog.tls_context(to.ca_file)
        syslog.deliver((to.host, to.port), context, batch.frames)
    with rt.begin(OFFICE_CALL, Verb.LOG_STREAM) as work:
        shares.acknowledge(work, to.recipient, batch.end)
    return batch.end - batch.begin


def _waits(rt: Runtime, to: Collector) -> bool:
    with rt.look(OFFICE_CALL, Verb.LOG_STREAM) as work:
        return shares.acknowledged(work, to.recipient) < tree.size(work)


def _batch(rt: Runtime, to: Collector) -> _Batch:
    """Put the next leaves on record as given to the collector, and return them as messages."""
    with rt.begin(OFFICE_CALL, Verb.LOG_STREAM) as work:
        work.require()
        begin = shares.acknowledged(work, to.recipient)
        end = min(begin + CHUNK, tree.size(work))
        _put_on_record(work, to, begin, end)
        part = list(records(work, begin, end))
    society = rt.rules.society
    frames = [syslog.framed(syslog.message(record, society)) for record in part]
    return _Batch(begin, end, frames)


def _put_on_record(work: Work, to: Collector, begin: int, end: int) -> None:
    """Extend the row of this day; a new one comes with its entry."""
    latest = shares.latest_of(work, to.recipient, FORM)
    until = day_micros(work.today + timedelta(days=to.keep_days)) or 0
    if latest is not None and latest.until == until:
        if latest.end < end:
            shares.extend(work, latest.number, end)
        return
    work.peer = to.recipient
    ledger.append(work, reason=FORM)
    share = NewShare(recipient=to.recipient, form=FORM, begin=begin, end=end, until=until)
    shares.keep(work, share)
