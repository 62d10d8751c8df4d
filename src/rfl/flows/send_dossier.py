"""Write to a society without a node: sealed dossiers, reminders and recalls that people hand over.

The dossier says what a letter to a node would, under the same rules, signed by the same key. It is
made in memory and leaves as one sealed file; the passphrase is shown once and kept nowhere.
"""

from dataclasses import dataclass, field
from datetime import date

from rfl.crypto.passphrase import new_passphrase
from rfl.domain.access import Object, Verb
from rfl.domain.dossier import Dossier
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.domain.transmission import Transmission
from rfl.errors import Conflict, InvalidInput
from rfl.exchange.bodies import CaseUpdate, read
from rfl.exchange.dossier_page import Page
from rfl.exchange.handed import owed, recall_notice, reminder_notice
from rfl.exchange.labels import LANGUAGES
from rfl.exchange.leaving import (
    SECOND,
    Asked,
    destination,
    has_node,
    request_letter,
    require_may_leave,
)
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.sealed_letter import SealedDossier as SealedDossier
from rfl.exchange.sealed_letter import sealed_content
from rfl.exchange.sealed_page import sealed_page
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.matching.scripts import latin_of
from rfl.storage import casefiles, cases, correspondents, honey, ledger, recalls, transmissions
from rfl.storage.correspondents import Correspondent
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, from_micros


@dataclass(frozen=True, slots=True)
class Notice:
    """A text without personal data that people hand over, or read out."""

    reference: str
    recipient: str
    text: str


def make_dossier(
    rt: Runtime, call: Call, transmission_id: str, version: int, language: str | None = None
) -> SealedDossier:
    """Return a request as a sealed file, under all rules of a letter, or raise.

    It may be made again while the request waits: another passphrase, and half a year more. Its
    entry names the recipient and says until when the copy may be kept.
    """
    with rt.begin(call, Verb.TRANSMIT) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"), version)
        network = network_of(rt)
        asked, to = _asked(work, *found), _without_node(work, found[1].peer)
        rules = rt.rules.policy.on(work.today)
        require_may_leave(work, asked, rules)
        there = destination(work, to.code)
        letter = request_letter(work, asked, there, rules, LetterType.CASE_REQUEST)
        until = work.micros + rules.copy_seconds * SECOND
        last = from_micros(until).date()
        said = _Said(letter, to, _language(language or to.language), last)
        content = _content(work, network, said)
        passphrase = new_passphrase()
        # No office is to look for invented people: of a honey case nothing leaves that opens, as
        # with a letter, and who makes it is answered as always.
        opens_with = new_passphrase() if asked.case_id in honey.among(work) else passphrase
        page = sealed_page(asked.ref, opens_with, content)
        transmissions.keep_copy(work, [asked.ref], until)
        work.peer = to.code
        groups = (Group.IDENTITY, *casefiles.GROUPS)
        ledger.append(
            work, groups=groups, count=len(asked.request.sought), reason=f"dossier-until-{last}"
        )
    return SealedDossier(asked.ref, to.code, last, page, passphrase)


def remind_by_hand(
    rt: Runtime, call: Call, transmission_id: str, version: int, language: str | None = None
) -> Notice:
    """Return a reminder of what a society owes: a template, and no word of the family."""
    with rt.begin(call, Verb.TRANSMIT) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"), version)
        row, sent = found
        to, template = _without_node(work, sent.peer), owed(sent)
        work.peer = to.code
        ledger.append(work, count=1, reason=f"reminder.{template}")
        text = reminder_notice(row.id, template, _language(language or to.language))
    return Notice(row.id, to.code, text)


def ask_back(rt: Runtime, call: Call, recall_id: str, language: str | None = None) -> Notice:
    """Return the notice by which a society is to destroy its copy; it counts as asked from now on.

    The case may be gone: a notice names the reference alone.
    """
    with rt.begin(call, Verb.TRANSMIT) as work:
        due = recalls.by_hand(work, check_id(recall_id, "rcl", field="recall_id"))
        work.require(Object(branch=due.branch))
        recalls.asked(work, due.id)
        known = correspondents.find(work, due.peer)
        spoken = language or (known.language if known is not None else "en")
        work.peer = due.peer
        ledger.append(work, count=1, reason="recall")
        text = recall_notice(due.ref, _language(spoken))
    return Notice(due.ref, due.peer, text)


def enter_attestation(rt: Runtime, call: Call, recall_id: str) -> None:
    """Enter that a society attests what it was asked to destroy, or raise Conflict: it was not."""
    with rt.begin(call, Verb.TRANSMIT) as work:
        due = recalls.by_hand(work, check_id(recall_id, "rcl", field="recall_id"))
        work.require(Object(branch=due.branch))
        if due.asked_at is None or due.attested_at is not None:
            raise Conflict("A society attests what it was asked, once: hand it the notice first.")
        recalls.attested(work, due.peer, due.ref)
        work.peer = due.peer
        ledger.append(work, count=1, reason="attested")


@dataclass(frozen=True, slots=True)
class _Said:
    """A letter, to whom it goes by hand, in which language, and how long it may be kept."""

    letter: Letter = field(repr=False)
    to: Correspondent
    language: str
    until: date


def _asked(work: Work, row: Filed, sent: Transmission) -> Asked:
    """Return the request with its case; one that nobody waits for any more leaves for nobody."""
    if not sent.waits:
        raise Conflict("Only a request that waits for the other society is handed over.")
    case_id = row.case_id or ""
    _row, request, _log_ids = cases.opened(work, case_id)
    return Asked(row.id, case_id, sent, request, casefiles.load(work, case_id))


def _without_node(work: Work, code: str) -> Correspondent:
    if has_node(work, code):
        raise Conflict("This society has a node: its letters leave by themselves.")
    known = correspondents.find(work, code)
    if known is None:
        raise Conflict("The society's data protection has no assessment that is current (P-16).")
    return known


def _language(code: str) -> str:
    if code not in LANGUAGES:
        raise InvalidInput("language", f"must be one of {', '.join(LANGUAGES)}")
    return code


def _content(work: Work, network: Network, said: _Said) -> bytes:
    """Return what is sealed: the page to read, and the signed letter as data."""
    letter, to = said.letter, said.to
    names = {"from": f"{network.name} ({network.code})", "to": f"{to.name} ({to.code})"}
    dossier: Dossier = read(letter.data, CaseUpdate).dossier
    facts = (
        *names.items(),
        ("reference", letter.case_ref or ""),
        ("made_on", work.today.isoformat()),
        ("keep_until", said.until.isoformat()),
        ("due_on", dossier.due_on.isoformat()),
    )
    handling = letter.handling
    page = Page(
        dossier=dossier,
        facts=facts,
        onward=handling is not None and handling.onward,
        withhold_origin=handling is not None and handling.withhold_origin,
        language=said.language,
        latin=latin_of,
    )
    return sealed_content(work, network, to.code, letter, page.to_html())
