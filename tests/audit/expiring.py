"""A process that expires bodies and kills itself at a step of it.

`python expiring.py URL FOLDER declared|signed|deleting TIME`; run by test_expiry.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from rfl.domain.access import Verb
from rfl.flows.expire_log import expire
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage.work import Work
from tests.support import Clock, make_runtime

# Transactions of an expiry: declare; sequence and sign; delete 500 leaves; delete the rest.
DIES_IN = {"declared": 2, "signed": 3, "deleting": 4}


class Dying(Runtime):
    """A node that is killed before it commits its n-th transaction."""

    begun = 0
    dies_in = 0

    @contextmanager
    def begin(self, call: Call, verb: Verb, **more: object) -> Iterator[Work]:
        Dying.begun += 1
        with super().begin(call, verb) as work:
            yield work
            if Dying.begun == Dying.dies_in:
                os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    clock = Clock()
    clock.now = datetime.fromisoformat(sys.argv[4])
    node = make_runtime(sys.argv[1], Path(sys.argv[2]), clock)
    Dying.dies_in = DIES_IN[sys.argv[3]]
    parts = {"database": node.database, "agent": node.agent, "rules": node.rules}
    expire(Dying(**parts, clock=clock), OFFICE_CALL)
