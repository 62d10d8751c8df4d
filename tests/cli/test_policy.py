"""`rfl policy check`: a good profile is shown, a bad one is named by key and rule."""

from pathlib import Path

import pytest

from rfl.interchange.profile import SHIPPED
from tests.cli.support import Cli


@pytest.mark.parametrize("name", SHIPPED)
def test_what_ships_is_good_and_needs_no_node(cli: Cli, name: str) -> None:
    cli.settings.clear()
    document = cli("policy", "check", name, "--json").document
    assert document["versions"][0]["begins"] == "2026-01-01"
    assert "answer after" in cli("policy", "check", name).out


def test_a_bad_file_is_refused_in_one_line_with_key_and_rule(cli: Cli, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('name = "x"\n[[version]]\ncode = "a"\nbegins = 2026-01-01\n[version.any]\nhue=1')
    answer = cli("policy", "check", bad)
    assert answer.code == 2
    assert answer.err == "rfl: invalid-input: version[0].any.hue: unknown key\n"
    assert cli("policy", "check", tmp_path / "none.toml").code == 2
