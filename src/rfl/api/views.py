"""What flows return, as answers: clear parts by name, descriptions as they are."""

from collections.abc import Iterable
from typing import Protocol

from rfl.api.answers import moment
from rfl.domain.entry import Entry
from rfl.domain.match import OPEN_STATES
from rfl.flows.decide import MatchView
from rfl.flows.enrol import RegistrationView
from rfl.flows.explain import explain_evidence, explain_kind, explain_score
from rfl.flows.judge_findings import FindingView
from rfl.flows.notice import Notice
from rfl.flows.read_file import FileView
from rfl.flows.read_search import SearchView
from rfl.flows.review import CaseView
from rfl.flows.search import Hit
from rfl.flows.take_list import Taken
from rfl.flows.trace_reading import Traced
from rfl.flows.view_lists import ListView
from rfl.flows.work_enquiry import EnquiryView

_MOMENTS = ("created_at", "due_at", "review_at", "remind_at", "expires_at")
_COUNTS = ("rows", "added", "changed", "unchanged", "expired", "erased_before", "refused")
PARTS = {"r": "registered", "s": "sought", "e": "enquirer"}
_REFUSALS_SHOWN = 1_000
_UNMAPPED_SHOWN = 100


class _Row(Protocol):
    """A clear part, as storage keeps it."""

    __slots__: tuple[str, ...]


def clear(row: _Row) -> dict[str, object]:
    """Return a row's clear part by the names of its columns."""
    content = {name: getattr(row, name) for name in row.__slots__}
    return content | {name: moment(content[name]) for name in _MOMENTS if name in content}


def case(view: CaseView) -> dict[str, object]:
    """Return a case with its tracing request."""
    return clear(view.row) | {"request": view.request}


_FILE = (
    *("state", "country", "policy", "accepted_on", "answer_on", "review_on", "ending"),
    *("outcomes", "credibility", "child", "screening", "leads", "merged", "earlier"),
    "archived_on",
)
_MERGE = ("into", "same_enquirer", "persons", "by", "at")


def casefile(view: FileView) -> dict[str, object]:
    """Return the enquirer's side of a case."""
    content = {name: getattr(view.file, name) for name in _FILE}
    kept = view.file.merge
    merge = None if kept is None else {name: getattr(kept, name) for name in _MERGE}
    content |= {"merge": merge, "events": view.file.events}
    return {"id": view.row.id, "version": view.row.version} | content


def enquiry(view: EnquiryView) -> dict[str, object]:
    """Return an enquiry with every step of it."""
    said = {name: getattr(view.enquiry, name) for name in view.enquiry.__slots__}
    return clear(view.row) | said


def journal(view: SearchView) -> dict[str, object]:
    """Return the searching side, with what is told of it outside, now and on the answer date."""
    names = ("version", "searches", "screening", "actions", "lines", "to_do")
    content = {name: getattr(view.journal, name) for name in names}
    forecast = [
        {"person": now.person, "now": now.told, "on_answer_date": then.told}
        for now, then in view.forecast
    ]
    team, agreed = sorted(view.journal.team), {"may_be_told": sorted(view.may_be_told)}
    told = {"answer_on": view.file.answer_on, "forecast": forecast}
    return {"id": view.row.id, "team": team, "request": view.request} | content | told | agreed


def registration(view: RegistrationView) -> dict[str, object]:
    """Return a registration with what its source says."""
    return clear(view.row) | {"registration": view.registration}


def listed(view: ListView) -> dict[str, object]:
    """Return a list with its terms."""
    return clear(view.summary) | {"terms": view.terms}


def match(view: MatchView, language: str) -> dict[str, object]:
    """Return a proposal with its reasons in words of this language."""
    sides = (view.sought.unknown, view.other.unknown)
    explained = explain_evidence(view.evidence, language, *sides)
    return {
        "id": view.row.id,
        "version": view.row.version,
        "kind": view.evidence.kind,
        "notes": explain_kind(view.evidence, language),
        "sample": view.evidence.sample,
        "state": view.decided.now(view.evidence),
        "open": view.decided.now(view.evidence) in OPEN_STATES,
        "created_at": moment(view.row.created_at),
        "band": explained.band,
        "band_sentence": explained.band_sentence,
        "probability": round(view.evidence.probability, 4),
        "total": view.evidence.total,
        "reasons": explained.reasons,
        "sought": view.sought,
        "other": view.other,
        "decisions": view.decided.steps,
        "model": view.evidence.model,
        "norm": view.evidence.norm,
    }


def hit(found: Hit, language: str) -> dict[str, object]:
    """Return a person found: names, band and reasons; nothing else is shown."""
    explained = explain_score(found.score, language)
    return {
        "record": found.record,
        "part": PARTS[found.part],
        "names": found.names,
        "band": explained.band,
        "band_sentence": explained.band_sentence,
        "reasons": explained.reasons,
    }


def notice(told: Notice) -> dict[str, object]:
    """Return what a branch has not looked at yet: an id, a code, a moment."""
    return {"match": told.match_id, "code": told.code, "at": moment(told.at)}


def taken(outcome: Taken, mapped: dict[str, str], unmapped: Iterable[str]) -> dict[str, object]:
    """Return what became of a list's rows. Refused rows are named by number, field and rule."""
    counts: dict[str, object] = {name: getattr(outcome, name) for name in _COUNTS}
    refusals = [
        {"row": one.number, "field": one.field, "rule": one.rule}
        for one in outcome.refusals[:_REFUSALS_SHOWN]
    ]
    headers = {"mapped": mapped, "unmapped": list(unmapped)[:_UNMAPPED_SHOWN]}
    return counts | {"refusals": refusals} | headers


def entry(said: Entry) -> dict[str, object]:
    """Return an entry of the log without the salt, which is for proofs."""
    return {
        name: getattr(said, name) for name in Entry.__struct_fields__ if name not in ("v", "salt")
    }


def traced(answer: Traced) -> dict[str, object]:
    """Return who opened a record, to whom it was sent, and who was refused."""
    kinds = ("opened", "sent", "refused")
    lists = {name: [entry(one) for one in getattr(answer.trace, name)] for name in kinds}
    return {**lists, "notes": answer.notes}


def finding(view: FindingView) -> dict[str, object]:
    """Return a finding with its figures and what was decided."""
    names = ("code", "subject", "day", "figures", "log_ids")
    found = {name: getattr(view.finding, name) for name in names}
    return clear(view.row) | found | {"decisions": view.judged.steps}
