"""Which field is sealed in which group: the one table (guide: architecture, decision 7).

*Identity* and *terms* are sealed under a record's identity key, which the matcher is given;
the others under its rest key. A field that is in no group cannot be stored.
"""

from enum import StrEnum


class Half(StrEnum):
    """The two data keys of a record."""

    IDENTITY = "identity"
    REST = "rest"


class Group(StrEnum):
    """A set of fields that is opened together."""

    IDENTITY = "identity"
    TERMS = "terms"
    CONTACT = "contact"
    CIRCUMSTANCES = "circumstances"
    SENSITIVE = "sensitive"
    RESULT = "result"


HALF: dict[Group, Half] = {
    Group.IDENTITY: Half.IDENTITY,
    Group.TERMS: Half.IDENTITY,
    Group.CONTACT: Half.REST,
    Group.CIRCUMSTANCES: Half.REST,
    Group.SENSITIVE: Half.REST,
    Group.RESULT: Half.REST,
}

# Fields of `Person`, of `TracingRequest` and of `Registration`. The marker SPREAD says that the
# field holds descriptions whose own fields are spread over the groups.
SPREAD = "spread"

# Left out where they say nothing, since a row of a list without an id of its own is known by the
# bytes of all its groups: what was erased stays known whatever fields come after.
SPARSE = frozenset({"consents", "excluded", "detrimental"})

PERSON: dict[str, Group] = {
    "names": Group.IDENTITY,
    "sex": Group.IDENTITY,
    "birth": Group.IDENTITY,
    "birth_place": Group.IDENTITY,
    "nationalities": Group.IDENTITY,
    "kin": Group.IDENTITY,
    "last_address": Group.IDENTITY,
    "photos": Group.IDENTITY,
    "identifiers": Group.CIRCUMSTANCES,
    "occupation": Group.CIRCUMSTANCES,
    "marks": Group.CIRCUMSTANCES,
    "journey": Group.CIRCUMSTANCES,
    "ethnicity": Group.SENSITIVE,
    "religion": Group.SENSITIVE,
    "languages": Group.SENSITIVE,
    "health": Group.SENSITIVE,
    "detention": Group.SENSITIVE,
}

REQUEST: dict[str, Group | str] = {
    "enquirer": SPREAD,
    "sought": SPREAD,
    "contact": Group.CONTACT,
    "separation": Group.CIRCUMSTANCES,
    "methods": Group.CIRCUMSTANCES,
    "message": Group.CIRCUMSTANCES,
    "consents": Group.CIRCUMSTANCES,
    "notice": Group.CIRCUMSTANCES,
    "legal_basis": Group.CIRCUMSTANCES,
    "withheld": Group.IDENTITY,
    "excluded": Group.CIRCUMSTANCES,
    "detrimental": Group.SENSITIVE,
    "level": Group.SENSITIVE,
    "child_enquirer": Group.SENSITIVE,
}

REGISTRATION: dict[str, Group | str] = {
    "person": SPREAD,
    "source": Group.CIRCUMSTANCES,
    "legal_basis": Group.CIRCUMSTANCES,
    "remarks": Group.CIRCUMSTANCES,
    "contact": Group.CONTACT,
    "level": Group.SENSITIVE,
    "care": Group.SENSITIVE,
    "consents": Group.CIRCUMSTANCES,
    "excluded": Group.CIRCUMSTANCES,
    "detrimental": Group.SENSITIVE,
    "status": Group.RESULT,
}
