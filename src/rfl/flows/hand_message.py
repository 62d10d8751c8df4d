"""Red Cross Messages to and from societies without a node: on a sealed page, entered by hand.

A letter to such a society, and the word that its writer may hear of one of theirs, leave as sealed
pages. What came of a letter on its way is entered as for one that this society carries itself.
"""

from dataclasses import replace
from datetime import date, timedelta

from rfl.crypto.passphrase import new_passphrase
from rfl.domain.access import Verb
from rfl.domain.ids import check_id, new_id
from rfl.domain.message import Message, Post
from rfl.domain.policy import Version
from rfl.domain.states import MessageState
from rfl.errors import Conflict, InvalidInput
from rfl.exchange.labels import LANGUAGES
from rfl.exchange.leaving import SECOND, destination, has_node
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.message_letters import answer_to, begin_to_carry, days_to_return, forwarded
from rfl.exchange.message_page import MessagePage
from rfl.exchange.sealed_letter import SealedDossier, sealed_content
from rfl.exchange.sealed_page import sealed_page
from rfl.flows.runtime import Call, Runtime, earlier_result, network_of, remember_result
from rfl.matching.scripts import latin_of
from rfl.storage import correspondents, honey, ledger, messages, recalls
from rfl.storage.correspondents import Correspondent
from rfl.storage.messages import OwedRow as OwedRow
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, from_micros


def seal_message(
    rt: Runtime, call: Call, message_id: str, version: int, language: str | None = None
) -> SealedDossier:
    """Return a letter that such a society carries, or what its writer may hear, as a sealed file.

    It may be made again, with another passphrase. Raises Conflict where there is nothing to bring,
    the society has a node, or nobody has assessed it lately (P-16).
    """
    with rt.begin(call, Verb.MESSAGE_WORK) as work:
        row, letter = messages.SHELF.opened(work, check_id(message_id, "msg"), version)
        if letter.post is None:
            raise Conflict("This letter goes to no other society.")
        to = _without_node(work, letter.post.peer)
        rules = rt.rules.policy.on(work.today)
        said = _said(work, row, letter, rules)
        last = from_micros(work.micros + rules.copy_seconds * SECOND).date()
        page = _page(rt, to, letter, language, last)
        html = page.to_hear() if letter.post.came else page.to_carry()
        passphrase = new_passphrase()
        opens_with = new_passphrase() if row.case_id in honey.among(work) else passphrase
        content = sealed_content(work, network_of(rt), to.code, said, html)
        file = sealed_page(letter.post.ref, opens_with, content)
        messages.told(work, row.id)
        work.peer = to.code
        ledger.append(work, count=1, reason=f"{said.type}-until-{last}")
    return SealedDossier(letter.post.ref, to.code, last, file, passphrase)


def take_message(rt: Runtime, call: Call, message: Message, post: Post) -> str:
    """Keep a letter that came on paper, to be carried by the caller's branch; return its id.

    Its writer's society hears what one with a node would, on the day that is fixed now (P-38).
    """
    with rt.begin(call, Verb.MESSAGE_COLLECT) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        to = _without_node(work, post.peer)
        rules = rt.rules.policy.on(work.today)
        to_them = replace(post, came=True, agency=rules.is_agency(post.peer))
        came = replace(message, post=to_them)
        days = days_to_return(came, rules)
        return_on = work.today + timedelta(days=days)
        made = begin_to_carry(
            work, call.actor.branch, came, (return_on, rt.moment(return_on)), new_id("msg")
        )
        work.peer = to.code
        remember_result(work, call, 201, made)
    return made


def list_owed(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[OwedRow]:
    """Return the branch's letters of which a society without a node is to be brought word.

    None is opened.
    """
    with rt.begin(call, Verb.MESSAGE_READ) as work:
        work.require()
        rows = messages.owed_by_hand(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def _said(work: Work, row: Filed, letter: Message, rules: Version) -> Letter:
    """Return the letter that would leave for a node."""
    if letter.post is not None and letter.post.came:
        if not letter.owes_word:
            raise Conflict("Nothing may be told of this letter yet.")
        said = answer_to(letter)[1]
    else:
        if letter.state is not MessageState.TRANSMITTED:
            raise Conflict("Only a letter that is under way is handed over.")
        if letter.post is not None and recalls.is_recalled(work, letter.post.peer, row.id):
            raise Conflict("This letter was taken back.")
        said = forwarded(work, row.id, letter, rules)
    if said.type is not LetterType.MESSAGE_UNDELIVERABLE and letter.post is not None:
        destination(work, letter.post.peer)
    return said


def _page(
    rt: Runtime, to: Correspondent, letter: Message, language: str | None, last: date
) -> MessagePage:
    spoken, network = language or to.language, network_of(rt)
    if spoken not in LANGUAGES:
        raise InvalidInput("language", f"must be one of {', '.join(LANGUAGES)}")
    ours = letter.post is not None and not letter.post.came
    day = letter.return_on.isoformat() if ours and letter.return_on is not None else ""
    facts = (
        ("from", f"{network.name} ({network.code})"),
        ("to", f"{to.name} ({to.code})"),
        ("reference", letter.post.ref if letter.post is not None else ""),
        ("message.return_on", day),
        ("keep_until", last.isoformat()),
    )
    return MessagePage(letter, facts, spoken, latin_of)


def _without_node(work: Work, code: str) -> Correspondent:
    if has_node(work, code):
        raise Conflict("This society has a node: its letters travel by themselves.")
    known = correspondents.find(work, code)
    if known is None:
        raise Conflict("The society's data protection has no assessment that is current (P-16).")
    return known
