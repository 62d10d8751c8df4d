"""A process that writes entries and streams them until it is killed.

`python streaming.py URL FOLDER PORT`; run by test_syslog.
"""

import sys
from dataclasses import replace
from pathlib import Path

from rfl.flows.rules import Collector
from rfl.flows.sequence import sequence_waiting
from rfl.flows.stream_log import stream_batch
from tests.audit.collector import HOST
from tests.audit.logs import add_entries
from tests.support import Clock, make_runtime

if __name__ == "__main__":
    folder = Path(sys.argv[2])
    node = make_runtime(sys.argv[1], folder, Clock())
    ca = folder / "collector" / "certificate.pem"
    to = Collector(HOST, int(sys.argv[3]), "watch", 365, ca)
    node.rules = replace(node.rules, collector=to)
    while True:
        add_entries(node, 5)
        sequence_waiting(node)
        stream_batch(node)
