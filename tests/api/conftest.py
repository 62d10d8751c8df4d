"""The API of a node: `desk` on both databases, `sqlite_desk` for what does not depend on one."""

from collections.abc import Iterator

import pytest

from rfl.flows.runtime import Runtime
from tests.api.support import Desk, open_desk


@pytest.fixture
def desk(rt: Runtime) -> Iterator[Desk]:
    """A node's API on either database."""
    with open_desk(rt) as opened:
        yield opened


@pytest.fixture
def sqlite_desk(sqlite_rt: Runtime) -> Iterator[Desk]:
    """A node's API on SQLite."""
    with open_desk(sqlite_rt) as opened:
        yield opened
