"""The rules of unusual reading: deterministic, each finding with the figures behind it.

A figure is only held against a history or against peers that are large enough; where there is
neither, a rule says `alone` and holds it against a number that the society sets.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from rfl.audit.readers import Book, Day, Refusal
from rfl.domain.access import Role, Verb
from rfl.domain.finding import Code, Finding

MOST_LOG_IDS = 50


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds. A society changes them here, not in the rules.

    `..._least`: below it nothing is found, whatever the ratio. `own_days` and `role_peers`: how
    much history, and how many others of the role, a comparison needs.
    """

    history_days: int = 28
    own_days: int = 5
    role_peers: int = 3
    own_times: float = 4.0
    peer_times: float = 5.0
    volume_least: int = 40
    volume_alone: int = 200
    breadth_least: int = 25
    breadth_alone: int = 120
    hour_history: int = 50
    hour_share: float = 0.01
    hour_least: int = 5
    unassigned_least: int = 5
    other_branch_least: int = 1
    denials: int = 10
    denial_minutes: int = 10
    sign_ins: int = 20
    probing_least: int = 3
    rejected: frozenset[str] = frozenset(
        {"not-yours", "purpose-refused", "consent-missing", "assessment-missing", "id-reused"}
    )


@dataclass(frozen=True, slots=True)
class Assignment:
    """Whose case it is, as it stands in clear."""

    branch: str
    officer: str | None


def unusual(
    book: Book,
    days: Sequence[date],
    cases: Mapping[str, Assignment],
    branches: Mapping[str, str],
    limits: Limits,
) -> list[Finding]:
    """Return what the rules find on these days. `cases` are by log id, `branches` by reader."""
    found: list[Finding] = []
    for reader, kept in sorted(book.days.items()):
        for day in (one for one in days if one in kept):
            found += _amounts(book, reader, day, limits)
            found += _hours(book, reader, day, limits)
            found += _assignments(book, reader, day, cases, branches.get(reader), limits)
    for actor, refusals in sorted(book.denials.items()):
        found += _denials(actor, refusals, days, limits)
    for peer in sorted(book.peers):
        found += _probing(book, peer, days, limits)
    return found


def own_family(reader: str, day: date, records: int) -> Finding:
    """Say that records opened bear the reader's own family name: how many, never which."""
    return Finding(Code.OWN_FAMILY, reader, day, {"records": records})


def _amounts(book: Book, reader: str, day: date, limits: Limits) -> Iterator[Finding]:
    today = book.days[reader][day]
    own = [kept for when, kept in book.days[reader].items() if when < day]
    others = [
        [kept for when, kept in book.days[one].items() if when <= day]
        for one in book.readers_of(today.role, but=reader)
    ]
    peers = [kept for kept in others if kept]
    measures = (
        ("volume", "records", limits.volume_least, limits.volume_alone),
        ("breadth", "breadth", limits.breadth_least, limits.breadth_alone),
    )
    for rule, measure, least, alone in measures:
        value = getattr(today, measure)
        if value < least:
            continue
        for against, figures in _exceeded(value, measure, own, peers, alone, limits):
            yield Finding(Code(f"{rule}_{against}"), reader, day, {measure: value} | figures)


def _exceeded(
    value: int,
    measure: str,
    own: list[Day],
    peers: list[list[Day]],
    alone: int,
    limits: Limits,
) -> Iterator[tuple[str, dict[str, float]]]:
    """What the value is too much against, with the figures it was compared with."""
    enough_own, enough_peers = len(own) >= limits.own_days, len(peers) >= limits.role_peers
    if enough_own:
        usual = median(getattr(kept, measure) for kept in own)
        if value > usual * limits.own_times:
            yield "own", {"own_median": usual, "own_days": len(own)}
    if enough_peers:
        usual = median(median(getattr(day, measure) for day in kept) for kept in peers)
        if value > usual * limits.peer_times:
            yield "peers", {"peers_median": usual, "peers": len(peers)}
    if not enough_own and not enough_peers and value >= alone:
        yield "alone", {"own_days": len(own), "peers": len(peers)}


def _hours(book: Book, reader: str, day: date, limits: Limits) -> Iterator[Finding]:
    """Readings outside the hours in which this reader has read before, an hour either side."""
    before: Counter[int] = Counter()
    active = 0
    for when, kept in book.days[reader].items():
        if when < day:
            before += kept.hours
            active += 1
    total = before.total()
    if total < limits.hour_history or active < limits.own_days:
        return
    usual = {hour for hour, count in before.items() if count >= total * limits.hour_share}
    around = {(hour + step) % 24 for hour in usual for step in (-1, 0, 1)}
    outside = {hour: n for hour, n in book.days[reader][day].hours.items() if hour not in around}
    readings = sum(outside.values())
    if readings >= limits.hour_least:
        figures = {"readings": readings, "history": total, "own_days": active}
        yield Finding(Code.HOUR, reader, day, figures | {"first_hour": min(outside)})


def _assignments(
    book: Book,
    reader: str,
    day: date,
    cases: Mapping[str, Assignment],
    branch: str | None,
    limits: Limits,
) -> Iterator[Finding]:
    """Cases of another branch; and in one's own those of others that one never worked on."""
    today = book.days[reader][day]
    if today.role == Role.DATA_PROTECTION_OFFICER or branch is None:
        return
    known = {log_id: cases[log_id] for log_id in today.cases if log_id in cases}
    elsewhere = sorted(one for one, whose in known.items() if whose.branch != branch)
    if len(elsewhere) >= limits.other_branch_least:
        yield _about(Code.OTHER_BRANCH, reader, day, elsewhere, len(known))
    if today.role == Role.SUPERVISOR:
        return
    never = sorted(
        one
        for one, whose in known.items()
        if whose.branch == branch
        and whose.officer != reader
        and (reader, one) not in book.worked_on
    )
    if len(never) >= limits.unassigned_least:
        yield _about(Code.NEVER_ASSIGNED, reader, day, never, len(known))


def _about(code: Code, reader: str, day: date, log_ids: list[str], opened: int) -> Finding:
    figures = {"cases": len(log_ids), "cases_opened": opened}
    return Finding(code, reader, day, figures, tuple(log_ids[:MOST_LOG_IDS]))


def _denials(
    actor: str, refusals: list[Refusal], days: Sequence[date], limits: Limits
) -> Iterator[Finding]:
    sign_ins = [one for one in refusals if one.action == Verb.SIGN_IN]
    others = [one for one in refusals if one.action != Verb.SIGN_IN]
    kinds = ((Code.SIGN_INS, sign_ins, limits.sign_ins), (Code.DENIALS, others, limits.denials))
    for code, found, most in kinds:
        for day in days:
            today = sorted(one.at for one in found if one.at.date() == day)
            burst = _densest(today, timedelta(minutes=limits.denial_minutes))
            if burst >= most:
                figures = {"burst": burst, "minutes": limits.denial_minutes, "day": len(today)}
                yield Finding(code, actor, day, figures)


def _densest(moments: Sequence[datetime], span: timedelta) -> int:
    """The most moments that lie within one span; they are in order."""
    most = first = 0
    for place, moment in enumerate(moments):
        while moment - moments[first] > span:
            first += 1
        most = max(most, place - first + 1)
    return most


def _probing(book: Book, peer: str, days: Sequence[date], limits: Limits) -> Iterator[Finding]:
    for day in days:
        calls = [call for call in book.peers[peer] if call[0].date() == day]
        refused = [call for call in calls if call[1]]
        if len(refused) >= limits.probing_least:
            log_ids = sorted({log_id for call in refused for log_id in call[2]})
            figures = {"refused": len(refused), "calls": len(calls)}
            kept = tuple(log_ids[:MOST_LOG_IDS])
            yield Finding(Code.PEER_PROBING, peer, day, figures, kept)
