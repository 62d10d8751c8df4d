"""What a person agreed to: for which use, towards whom, of which items, until when."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rfl.domain import text
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.errors import InvalidInput


class Use(StrEnum):
    """What may be done with a person's data."""

    SEARCH = "search"
    SHARE = "share"
    PUBLISH = "publish"
    CONTACT = "contact"
    AUTHORITY = "authority"


NEEDED_TO_HAND_OVER = frozenset({Use.SHARE, Use.CONTACT})
"""Another society is told everything, and comes to the enquirer in this one's place."""


class Detail(StrEnum):
    """What of the enquirer may be told. That they search, and the relation, a search cannot hide.

    `name`: names and sex. `birth`: its day and place. `separation`: cause, day and place.
    `story`: the enquirer's own words about it.
    """

    NAME = "name"
    BIRTH = "birth"
    SEPARATION = "separation"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    PHOTO = "photo"
    STORY = "story"


USUAL = frozenset({Detail.NAME, Detail.BIRTH, Detail.SEPARATION})
"""What an agreement reaches that names no items."""


AUTHORITY_RULE = "must be a code: 2 to 40 small letters, digits and hyphens"
_AUTHORITY = re.compile(r"[a-z0-9][a-z0-9-]{1,39}")


def check_authority(code: str, field: str) -> str:
    """Return the code of an authority, as `police-skopje`, or raise InvalidInput.

    Exclusions, permissions and the log name an authority by its code, so that they cannot miss
    each other by a spelling.
    """
    if not _AUTHORITY.fullmatch(code):
        raise InvalidInput(field, AUTHORITY_RULE)
    return code


class ConsentForm(StrEnum):
    """How the agreement was given (P-02)."""

    SIGNED = "signed"
    SPOKEN_BEFORE_WITNESS = "spoken_before_witness"
    THUMBPRINT = "thumbprint"


@dataclass(frozen=True, slots=True, repr=False)
class Consent(Masked):
    """One person's agreement. `recipients` are peer codes; none means nobody outside.

    `items`: what of this person may be told to whom it reaches, societies and found persons. An
    agreement that authorities are told stands alone, and its recipients are their codes (P-09).
    """

    person: PersonId
    uses: frozenset[Use]
    form: ConsentForm
    given_on: date
    holds_until: date | None = None
    recipients: tuple[str, ...] = ()
    withdrawn_on: date | None = None
    items: frozenset[Detail] = USUAL

    def __post_init__(self) -> None:
        if not self.uses:
            raise InvalidInput("uses", "must name at least one use")
        if Use.SHARE in self.uses and not self.recipients:
            raise InvalidInput("recipients", "must name who data may be shared with")
        if Use.AUTHORITY in self.uses:
            self._check_authorities()
        if self.holds_until is not None and self.holds_until < self.given_on:
            raise InvalidInput("holds_until", "must not lie before given_on")
        if self.withdrawn_on is not None and self.withdrawn_on < self.given_on:
            raise InvalidInput("withdrawn_on", "must not lie before given_on")

    def _check_authorities(self) -> None:
        if len(self.uses) > 1:
            raise InvalidInput("uses", "must be authority alone: its recipients are no societies")
        if not self.recipients:
            raise InvalidInput("recipients", "must name which authorities may be told")
        for number, code in enumerate(self.recipients):
            check_authority(code, f"recipients[{number}]")

    def covers(self, use: Use, on: date, recipient: str | None = None) -> bool:
        """True if this agreement reaches the use, day and (for sharing) recipient."""
        if use not in self.uses or on < self.given_on:
            return False
        if self.withdrawn_on is not None and on >= self.withdrawn_on:
            return False
        if self.holds_until is not None and on > self.holds_until:
            return False
        return recipient is None or recipient in self.recipients


@dataclass(frozen=True, slots=True, repr=False)
class Exclusion(Masked):
    """A person's word that authorities are told nothing of them: these, or none at all (P-09).

    It goes before whatever the same person has agreed to, until it is taken back.
    """

    said_on: date
    authorities: tuple[str, ...] = ()
    withdrawn_on: date | None = None

    def __post_init__(self) -> None:
        for number, code in enumerate(self.authorities):
            check_authority(code, f"authorities[{number}]")
        if self.withdrawn_on is not None and self.withdrawn_on < self.said_on:
            raise InvalidInput("withdrawn_on", "must not lie before said_on")

    def covers(self, on: date, authority: str | None = None) -> bool:
        """True if it excludes this authority on a day; None: if it excludes all of them."""
        is_over = self.withdrawn_on is not None and on >= self.withdrawn_on
        is_meant = not self.authorities or authority in self.authorities
        return is_meant and on >= self.said_on and not is_over


def reached(
    consents: tuple[Consent, ...], use: Use, on: date, recipient: str | None = None
) -> frozenset[Detail]:
    """Return every item that some agreement to the use reaches on a day."""
    held = [one.items for one in consents if one.covers(use, on, recipient)]
    return frozenset[Detail]().union(*held)


def require_timely(
    consents: tuple[Consent, ...], on: date, known: tuple[Consent, ...] = ()
) -> None:
    """Raise InvalidInput for a new consent that is not given yet, or over before it is kept."""
    for number, one in enumerate(consents):
        if one in known:
            continue
        if one.given_on > on:
            raise InvalidInput(f"consents[{number}].given_on", "must not lie in the future")
        if one.holds_until is not None and one.holds_until < on:
            raise InvalidInput(f"consents[{number}].holds_until", "must not lie in the past")


def without(consents: tuple[Consent, ...], uses: frozenset[Use], on: date) -> tuple[Consent, ...]:
    """Return these consents after some uses were withdrawn on a day; the rest of each stays.

    One that is given and withdrawn stays on record as both.
    """
    return tuple(part for consent in consents for part in _parted(consent, uses, on))


def _parted(consent: Consent, uses: frozenset[Use], on: date) -> Iterator[Consent]:
    taken, left = consent.uses & uses, consent.uses - uses
    if not taken or consent.withdrawn_on is not None:
        yield consent
        return
    if left:
        yield replace(consent, uses=left)
    yield replace(consent, uses=taken, withdrawn_on=max(on, consent.given_on))


@dataclass(frozen=True, slots=True, repr=False)
class InformationNotice(Masked):
    """What the enquirer was told about their data (P-13)."""

    version: str
    language: str
    given_on: date

    def __post_init__(self) -> None:
        text.line(self.version, "version", 40)
        text.line(self.language, "language", 35)
