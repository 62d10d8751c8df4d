"""What leaves the searching side: one pure function of policy, answer and consent (P-01 to P-05).

Nothing here knows an inside state. What may not be told never arrives, so that *refuses*, *not
located*, *cannot be asked*, *detained* and *deceased, unconfirmed* cannot leave but as one. Every
channel (view, letter, report, partner's message, count) takes what this function answered.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rfl.domain.answer import FOR_THE_ENQUIRER, NOTHING_GIVEN, Answer, Given, Item
from rfl.domain.death import Death
from rfl.domain.masked import Masked
from rfl.domain.states import MessageState, Outside

NO_INFORMATION = (
    "We have no information that we can give you. This does not mean that your relative has died."
)


class Audience(StrEnum):
    """Who is told. The intake branch hears what the enquirer hears, and no more (P-35)."""

    ENQUIRER = "enquirer"
    INTAKE_BRANCH = "intake_branch"
    ASKING_SOCIETY = "asking_society"


@dataclass(frozen=True, slots=True)
class Limits:
    """What holds whatever the person agreed to: they may tell less, never more.

    `answer_on` was fixed when the case was accepted. `policies` are the items that each society
    on the way allows: the stricter holds. `screened`: the searching side has judged harm (P-06).
    `established`: the relationship is (P-07). `child`: the found person is under 18, and then
    `best_interest` and `verified` (from both sides) must stand (P-19). What was agreed for a
    child ends on the day it comes of age, `of_age_on`: it is asked anew. `detrimental`: what was
    found would harm if passed on, and who is told is not the Central Tracing Agency (P-36).
    """

    answer_on: date
    policies: tuple[frozenset[Item], ...]
    screened: bool
    established: bool
    child: bool = False
    best_interest: bool = False
    verified: bool = False
    of_age_on: date | None = None
    detrimental: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Told(Masked):
    """What somebody outside is told of one sought person, and where a death is concerned, where.

    `given`: what the person gives to be passed on, as far as the items go.
    """

    outcome: Outside
    items: frozenset[Item] = frozenset()
    burial_place: str | None = None
    given: Given = NOTHING_GIVEN

    def within(self, items: frozenset[Item]) -> "Told":
        """Return what a society that allows these items tells of it."""
        kept = self.items & items
        return replace(self, items=kept, given=self.given.within(kept))


SEARCHING = Told(Outside.SEARCHING)
ENDED = Told(Outside.ENDED_WITHOUT_INFORMATION)
DELIVERED = "delivered"


def told(
    limits: Limits, answer: Answer | None, death: Death | None, audience: Audience, on: date
) -> Told:
    """Return what this audience is told of a person on a day."""
    if limits.detrimental:
        return ENDED if on >= limits.answer_on else SEARCHING
    if death is not None and death.is_confirmed:
        return Told(Outside.DECEASED_CONFIRMED, burial_place=death.burial_place)
    items = _items(limits, answer, audience, on)
    if items and answer is not None:
        return Told(Outside.INFORMATION_GIVEN, items, given=answer.given.within(items))
    return ENDED if on >= limits.answer_on else SEARCHING


def told_of_message(state: MessageState, return_on: date, on: date, *, agreed: bool) -> str:
    """Return what the sender hears of a Red Cross Message (P-38).

    Delivery shows by a reply or by the addressee's agreement alone. Refused, not found and not
    reached are one, from the day fixed when the message was transmitted; so is a letter handed over
    without leave to say so, since any other word would tell of it.
    """
    if state in (MessageState.REPLY_COLLECTED, MessageState.REPLY_DELIVERED):
        return state.value
    if state is MessageState.TRANSMITTED and agreed:
        return DELIVERED
    if state in (MessageState.TRANSMITTED, MessageState.COULD_NOT_BE_DELIVERED):
        is_over = on >= return_on
        return (MessageState.COULD_NOT_BE_DELIVERED if is_over else MessageState.TRANSMITTED).value
    return state.value


def _items(limits: Limits, answer: Answer | None, audience: Audience, on: date) -> frozenset[Item]:
    if answer is None or not limits.screened:
        return frozenset()
    if limits.child and not (limits.best_interest and limits.verified):
        return frozenset()
    if limits.of_age_on is not None and answer.consultation.on < limits.of_age_on <= on:
        return frozenset()
    items = answer.allows(on)
    if audience is Audience.ASKING_SOCIETY and Item.ASKING_SOCIETY_MAY_KNOW not in items:
        return frozenset()
    items &= FOR_THE_ENQUIRER
    for allowed in limits.policies:
        items &= allowed
    return items if limits.established else items - {Item.ADDRESS}
