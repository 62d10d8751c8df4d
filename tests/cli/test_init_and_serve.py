"""A node is made once, serves, and ends when it is told to: as real processes."""

import json
import signal
import socket
import ssl
import stat
import subprocess
import time
from pathlib import Path

import httpx2
import pytest

from rfl.domain.access import Role
from tests.audit.collector import make_certificate
from tests.cli.support import Cli


def test_init_makes_keys_tables_and_an_account_from_any_folder(cli: Cli, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = cli.ended(cli.start("init", "--with-officer", "skopje", "--json", cwd=elsewhere))
    [administrator, supervisor] = done.document["accounts"]
    assert administrator["role"] == Role.ADMINISTRATOR
    assert (supervisor["role"], supervisor["branch"]) == (Role.SUPERVISOR, "skopje")
    assert administrator["token"] != supervisor["token"]
    key_file = Path(cli.settings["RFL_KEY_FILE"])
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert list(elsewhere.iterdir()) == []


def test_a_second_init_is_refused_and_changes_nothing(node: Cli) -> None:
    keyring = Path(node.settings["RFL_DATA"]) / "keyring.json"
    before = keyring.read_bytes()
    again = node("init")
    assert (again.code, again.out) == (2, "")
    assert again.err == "rfl: misconfigured: There is a node already: its keyring exists.\n"
    assert keyring.read_bytes() == before


def test_init_without_a_secret_is_refused_and_makes_nothing(cli: Cli, tmp_path: Path) -> None:
    del cli.settings["RFL_KEY_FILE"]
    refused = cli("init")
    assert refused.code == 2
    assert refused.err.startswith("rfl: key-unavailable: Set RFL_KEY_FILE")
    assert list(tmp_path.rglob("*")) == []


def test_a_wrong_passphrase_opens_nothing(cli: Cli, tmp_path: Path) -> None:
    del cli.settings["RFL_KEY_FILE"]
    secret = tmp_path / "passphrase"
    secret.write_text("a long and secret passphrase\n")
    cli.settings["RFL_PASSPHRASE_FILE"] = str(secret)
    assert cli("init").code == 0
    assert cli("keys", "list").code == 0
    secret.write_text("another long and secret passphrase\n")
    refused = cli("keys", "list")
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith("rfl: key-unavailable: Wrong passphrase or key file")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_says_where_it_listens_and_ends_within_five_seconds(node: Cli, number: int) -> None:
    process = node.start("serve", "--host", "127.0.0.1", "--port", "0")
    address = _address(process)
    assert httpx2.get(f"{address}/health/live").status_code == 200
    while httpx2.get(f"{address}/health/ready").status_code != 200:
        time.sleep(0.05)
    began = time.monotonic()
    ended = node.end(process, number)
    assert time.monotonic() - began < 5
    assert ended.code == 0
    assert ended.out == ""
    assert all(json.loads(line)["level"] != "error" for line in ended.err.splitlines())


def test_serve_with_a_certificate_speaks_tls_1_3_and_nothing_older(
    node: Cli, tmp_path: Path
) -> None:
    certificate, key = make_certificate(tmp_path / "tls")
    node.settings["RFL_TLS_CERT_FILE"] = str(certificate)
    assert "RFL_TLS_KEY_FILE" in node("serve", "--port", "0").err
    node.settings["RFL_TLS_KEY_FILE"] = str(key)
    process = node.start("serve", "--host", "127.0.0.1", "--port", "0")
    assert process.stdout is not None
    address = process.stdout.readline().split()[-1]
    assert address.startswith("https://127.0.0.1:")
    trusting = ssl.create_default_context(cafile=certificate)
    assert httpx2.get(f"{address}/health/live", verify=trusting).status_code == 200
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(f"{address}/health/live", verify=trusting)
    assert node.end(process).code == 0


def test_a_used_port_is_one_line_and_no_traceback(node: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = node.ended(node.start("serve", "--host", "127.0.0.1", "--port", port))
    assert refused.code == 2
    assert refused.err.startswith("rfl: misconfigured: RFL_HOST, RFL_PORT: ")
    assert len(refused.err.splitlines()) == 1


def test_the_worker_runs_without_http_until_it_is_told_to_end(node: Cli) -> None:
    process = node.start("worker")
    assert process.stderr is not None
    events = (json.loads(line)["event"] for line in process.stderr)
    assert "pools loaded" in events
    ended = node.end(process)
    assert ended.code == 0


def test_serve_before_init_is_refused(cli: Cli) -> None:
    refused = cli.ended(cli.start("serve", "--port", "0"))
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == "rfl: key-unavailable: There is no keyring file: run `rfl init`.\n"


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("Listening on http://127.0.0.1:")
    return line.split()[-1]
