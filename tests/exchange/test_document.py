"""docs/protocol.md names what the code knows: whoever writes another node has the page alone."""

from pathlib import Path

import pytest

from rfl.api.problems import STATUSES
from rfl.domain.purpose import Purpose
from rfl.exchange import batch, heads, hop, sizes
from rfl.exchange.envelope import MEDIA_TYPE
from rfl.exchange.letter import LetterType
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.reception import MOST_PARKED, NOT_YOURS, SUPERSEDED
from rfl.exchange.settling import NEVER
from rfl.flows import receive

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text("utf-8")
NAMED = {
    *Purpose,
    *LetterType,
    *ReceiptStatus,
    *NEVER,
    SUPERSEDED,
    NOT_YOURS,
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
