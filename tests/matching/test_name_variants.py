"""Typed parts say under which other names a person may stand on somebody's list."""

import pytest

from rfl.domain.person import Name, NamePart, PartKind
from rfl.matching.variants import texts_of

OWN, FATHER = NamePart("Ana", PartKind.OWN), NamePart("Petre", PartKind.FATHER)
FAMILY, MAIDEN = NamePart("Ristova", PartKind.FAMILY), NamePart("Kostova", PartKind.MAIDEN)
NICK, TITLE = NamePart("Anka", PartKind.NICKNAME), NamePart("Dr.", PartKind.TITLE)

CASES = [
    ("no typed parts", "Ana Ristova", (), ["Ana Ristova"]),
    ("own and family", "Ana Ristova", (OWN, FAMILY), ["Ana Ristova"]),
    ("a maiden name", "Ana Ristova", (OWN, FAMILY, MAIDEN), ["Ana Ristova", "Ana Kostova"]),
    ("a nickname", "Ana Ristova", (NICK, OWN, FAMILY), ["Ana Ristova", "Anka Ristova"]),
    (
        "both",
        "Ana Ristova",
        (OWN, NICK, FAMILY, MAIDEN),
        ["Ana Ristova", "Anka Ristova", "Ana Kostova"],
    ),
    ("a chain", "Ana Petre Ristova", (OWN, FATHER, FAMILY), ["Ana Petre Ristova"]),
    ("a title", "Dr. Ana Ristova", (TITLE, OWN, FAMILY), ["Ana Ristova"]),
    ("a title alone", "Dr.", (TITLE,), ["Dr."]),
    ("a nickname alone", "Ana", (NICK,), ["Ana", "Anka"]),
    ("a maiden name alone", "Ana", (MAIDEN,), ["Ana"]),
]


@pytest.mark.parametrize(
    ("text", "parts", "texts"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_name_is_compared_under_every_form_it_may_stand_in(
    text: str, parts: tuple[NamePart, ...], texts: list[str]
) -> None:
    assert texts_of(Name(text, parts=parts)) == texts
