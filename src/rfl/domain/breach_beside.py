"""Whose data could have been read in what is no case and no registration (P-30): enquiries, Red
Cross Messages, what other societies asked or offered, and accounts.

Each of these is one sealed document: whoever could read some of it could read it all.
"""

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime
from typing import Final

from rfl.domain.breach import Band, Concerned, Reach, concerned_by
from rfl.domain.dossier import Dossier
from rfl.domain.dossier import Reach as Told
from rfl.domain.enquiry import Enquiry, Reason
from rfl.domain.groups import Group
from rfl.domain.handover import Handover
from rfl.domain.ids import PersonId, new_id
from rfl.domain.message import Message, Party
from rfl.domain.person import Person
from rfl.domain.purpose import LegalBasis
from rfl.domain.received import Received
from rfl.domain.request import Contact, TracingRequest

Beside = Enquiry | Message | Received | Handover | str
"""Such a document; of an account, the name of its holder."""

_LETTER: Final = ("circumstances", "contact", "identity")
_NAME: Final = ("identity",)


def concerned_beside(
    record: str, content: Beside, whole: Collection[Group], today: datetime
) -> list[Concerned]:
    """Return the persons of such a record; `whole`: the groups that a whole request holds."""
    if isinstance(content, str):
        return [Concerned(record, "holder", (content,), (), Reach(), _NAME, Band.THEN, _NAME)]
    if isinstance(content, Enquiry):
        return [_caller(record, content)]
    if isinstance(content, Message):
        return [
            _party(record, content, "writer", content.writer),
            _party(record, content, "addressee", content.addressee),
        ]
    request = content.request if isinstance(content, Handover) else _asked(content.dossier)
    found = [] if request is None else concerned_by(record, request, whole, today)
    return [one for one in found if one.names]


def _caller(record: str, enquiry: Enquiry) -> Concerned:
    is_harm = enquiry.reason is Reason.HARM
    return Concerned(
        record=record,
        part="caller",
        names=(enquiry.caller,),
        languages=(enquiry.language,) if enquiry.language else (),
        reach=Reach(channel=enquiry.reach),
        groups=_LETTER,
        band=Band.AT_ONCE if is_harm else Band.SOON,
        why=("harm", "circumstances") if is_harm else ("circumstances",),
    )


def _party(record: str, letter: Message, part: str, party: Party) -> Concerned:
    """A party of a letter, who is reached where the letter was to go."""
    return Concerned(
        record=record,
        part=part,
        names=tuple(name.text for name in party.names),
        languages=(letter.language,),
        reach=Reach(address=asdict(party.places[0]) if party.places else None),
        groups=_LETTER,
        band=Band.AT_ONCE if letter.detainee else Band.SOON,
        why=("detention", "circumstances") if letter.detainee else ("circumstances",),
    )


def _asked(dossier: Dossier | None) -> TracingRequest | None:
    """Return what another society asked as a request, or None if it is gone."""
    if dossier is None:
        return None
    reach = dossier.reach or Told()
    return TracingRequest(
        enquirer=dossier.enquirer or Person(id=PersonId(new_id("per"))),
        sought=dossier.sought,
        legal_basis=LegalBasis.PUBLIC_INTEREST,
        contact=Contact(address=reach.address, phones=reach.phones, emails=reach.emails),
        separation=dossier.separation,
        child_enquirer=dossier.child_enquirer,
        withheld=dossier.enquirer is None,
    )
