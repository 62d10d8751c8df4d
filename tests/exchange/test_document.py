"""docs/protocol.md names what the code knows: whoever writes another node has the page alone."""

import re
from dataclasses import fields
from pathlib import Path

import msgspec
import pytest

from rfl.api.problems import STATUSES
from rfl.crypto.streams import CHUNK
from rfl.domain.answer import Given
from rfl.domain.care import Established
from rfl.domain.casefile import Ending
from rfl.domain.dossier import Dossier, Reach, Statement
from rfl.domain.message import LONGEST, Party
from rfl.domain.person import Relation
from rfl.domain.purpose import Purpose
from rfl.domain.request import Cause, Method
from rfl.domain.transmission import WhyReturned
from rfl.errors import Erased, KeyUnavailable, WrongDigest
from rfl.exchange import (
    attachments,
    batch,
    bodies,
    bundle,
    descriptor,
    header,
    heads,
    hop,
    introduction,
    letter,
    sizes,
)
from rfl.exchange.blob_taking import MOST_SIZES, MOST_WAITING
from rfl.exchange.bodies import MOST_FILES, Decision, Reminder, Turn, Whose
from rfl.exchange.enclosures import MOST_SIZES as MOST_SIZES_OF_A_LETTER
from rfl.exchange.envelope import MEDIA_TYPE
from rfl.exchange.letter import LetterType
from rfl.exchange.reasons import Reason, reason_of
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.reception import MOST_PARKED
from rfl.exchange.settling import NEVER
from rfl.flows import receive
from rfl.storage.blobs import PART

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
NAMED = {
    *Purpose,
    *LetterType,
    *ReceiptStatus,
    *NEVER,
    hop.TAG,
    MEDIA_TYPE,
    batch.MEDIA_TYPE,
    batch.ANSWER_TYPE,
    batch.QUESTIONS_TYPE,
    heads.MEDIA_TYPE,
    receive.RECEIPT,
}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_the_document_names_it(name: str) -> None:
    assert name in PAGE


def test_the_document_has_the_numbers_of_the_code() -> None:
    for number in (*sizes.CLASSES, MOST_PARKED, hop.WINDOW_SECONDS):
        assert f"{number:,}" in PAGE or str(number) in PAGE
    rows = [line for line in PAGE.splitlines() if line.startswith("| `bad-envelope`")]
    assert f"| {STATUSES['bad-envelope'][0]} |" in rows[0]


def test_the_document_has_every_reason_and_no_other() -> None:
    rows = PAGE.partition("Every reason that there is:")[2].partition("A recipient may")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", rows, re.MULTILINE)) == set(Reason)


def test_a_failure_without_a_reason_of_its_own_is_told_as_a_conflict() -> None:
    told = {type(one): reason_of(one) for one in (Erased(), WrongDigest(), KeyUnavailable())}
    assert [*told.values()] == [Reason.ERASED, Reason.CONFLICT, Reason.BAD_ENVELOPE]


WIRE = [
    one
    for module in (bodies, letter, header, descriptor, bundle, introduction)
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, msgspec.Struct) and one is not msgspec.Struct
]
SEALED = (Dossier, Statement, Reach, Given, Party)
CODES = (Decision, Turn, Whose, Reminder, Ending, WhyReturned, Method, Established, Cause, Relation)


def test_the_document_has_every_member_and_code_of_a_letter() -> None:
    members = {name for one in WIRE for name in one.__struct_encode_fields__}
    members |= {one.name for kind in SEALED for one in fields(kind)}
    codes = {code.value for kind in CODES for code in kind}
    lacking = {name for name in members | codes if not re.search(rf"[`\"]{name}[`\"]", PAGE)}
    assert {name for name in lacking if not re.search(rf"[{{ ]{name}[,}}` ]", PAGE)} == set()


def test_the_document_has_the_limits_of_attachments() -> None:
    for number in (MOST_WAITING, MOST_FILES, PART, CHUNK, attachments.SMALLEST, LONGEST):
        assert f"{number:,}" in PAGE or f" {number} " in PAGE, number
    sizes_in_words = {4: "four times `blob_bytes`", 8: "eight times `blob_bytes`"}
    assert sizes_in_words[MOST_SIZES_OF_A_LETTER] in PAGE
    assert sizes_in_words[MOST_SIZES] in PAGE
