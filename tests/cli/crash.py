"""Kill the node whose process id stands in a file, and start it again: `--crash-command`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.support import SOURCE


def main(pid_file: str, port: str) -> None:
    """Kill with SIGKILL, start, and return as soon as the node listens."""
    os.kill(int(Path(pid_file).read_text()), signal.SIGKILL)
    with Path(f"{pid_file}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rfl.cli.main", "serve", "--host", "127.0.0.1", "--port", port],
            env=os.environ | {"PYTHONPATH": str(SOURCE)},
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
        )
    Path(pid_file).write_text(str(process.pid))
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"Listening")


if __name__ == "__main__":
    main(*sys.argv[1:])
