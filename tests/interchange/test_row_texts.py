"""A list is cut into rows of text, and made registrations elsewhere."""

import io
import pickle
from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.ids import PersonId
from rfl.domain.registration import Registration
from rfl.interchange.csvlist import read_csv
from rfl.interchange.registrations import RegistrationMaker
from rfl.interchange.rows import Listing, Row, RowText
from tests.interchange.making import TODAY, make_terms

CONTENT = b"ref,full name,birth\nA-1,Amina Rahimi,1990\nA-2,Omar Haddad,1990-02-31\n,,\n,Sara,\n"

words = st.sampled_from(["A", "B", "A B", "A\nB", "\nA", "A\n\nB", " A ", "", "B\n", "A  B"])


def listing() -> Listing:
    return read_csv(io.BytesIO(CONTENT), make_terms(), None, TODAY)


def without_id(registration: Registration) -> Registration:
    return replace(registration, person=replace(registration.person, id=PersonId("")))


def test_rows_made_in_another_process_are_those_that_are_made_here() -> None:
    encoded = msgspec.msgpack.encode(list(listing().texts))
    make = pickle.loads(pickle.dumps(listing().make))  # noqa: S301 (our own)
    elsewhere = [make(text) for text in msgspec.msgpack.decode(encoded, type=list[RowText])]
    for one, other in zip(listing(), elsewhere, strict=True):
        if isinstance(one, Row) and one.registration is not None:
            assert (one.number, one.source_record) == (other.number, other.source_record)
            assert without_id(one.registration) == without_id(other.registration)
        else:
            assert one == other


@given(st.lists(st.fixed_dictionaries({}, optional={
    "full_name": words, "given_name": words, "family_name": words, "other_names": words,
}), min_size=2, max_size=8))  # fmt: skip
def test_rows_without_an_id_that_make_the_same_registration_have_one_key(
    stated: list[dict[str, str]],
) -> None:
    """Else two processes might keep one person twice."""
    maker = RegistrationMaker(make_terms(), TODAY, {})
    keys: dict[str, set[str]] = {}
    for values in stated:
        text = RowText(1, {name: kept for name, one in values.items() if (kept := one.strip())})
        row = maker.row(text)
        if isinstance(row, Row) and row.registration is not None:
            whole = msgspec.json.encode(without_id(row.registration)).decode()
            keys.setdefault(whole, set()).add(text.key)
    assert all(len(one) == 1 for one in keys.values())


def test_rows_of_one_source_record_have_one_key_whatever_else_they_say() -> None:
    first = RowText(1, {"record_id": "A-1", "full_name": "Amina"})
    second = RowText(2, {"record_id": "A-1", "full_name": "Omar"})
    assert first.key == second.key
