"""A large attachment takes no more memory than a small one, on either side (`make soak`)."""

import resource
import shutil
from pathlib import Path

import pytest

from rfl.exchange.descriptor import Limits
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import ping
from rfl.flows.runtime import OFFICE_CALL
from tests.exchange.network import Line, Society, two_societies
from tests.exchange.test_blobs import carry, kept
from tests.exchange.test_reliability import status_of
from tests.support import Clock

SMALL, LARGE = 20_000_000, 200_000_000
MOST_GROWTH_KB = 48_000


class Forgetful(Line):
    """Keeps no request: they would be what grows."""

    def carry(self, request):  # type: ignore[no-untyped-def]
        answer = super().carry(request)
        self.carried.clear()
        return answer


def sent(skopje: Society, belgrade: Society, size: int) -> int:
    """Send an attachment, and return the highest memory of this process in kB so far."""
    letter = ping.ping(skopje.rt, OFFICE_CALL, "belgrade", attached=size)
    assert carry(skopje) == 1
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)
    assert kept(belgrade) == []
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.soak
def test_memory_is_flat_for_an_attachment_of_200_mb(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    for name in ("first.db", "second.db"):
        shutil.copy(sqlite_template, tmp_path / name)
    urls = (f"sqlite:///{tmp_path / 'first.db'}", f"sqlite:///{tmp_path / 'second.db'}")
    limits = Limits(blob_bytes=300_000_000)
    with two_societies(urls, tmp_path, clock, both={"limits": limits}) as (skopje, belgrade):
        skopje.line = Forgetful(belgrade.client)
        small = sent(skopje, belgrade, SMALL)
        large = sent(skopje, belgrade, LARGE)
    assert large - small < MOST_GROWTH_KB
