"""The API of a node under attack, with real accounts."""

from collections.abc import Iterator

import pytest

from rfl.flows.runtime import Runtime
from tests.api.support import Desk, open_desk


@pytest.fixture
def sqlite_desk(sqlite_rt: Runtime) -> Iterator[Desk]:
    """A node's API on SQLite, for what does not depend on the database."""
    with open_desk(sqlite_rt) as opened:
        yield opened
