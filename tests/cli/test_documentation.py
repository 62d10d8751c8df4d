"""docs/operators.md names every setting and every command, and no other."""

import json
import re
from pathlib import Path

from rfl.config import Settings
from tests.cli.support import Cli, commands

TEXT = (Path(__file__).parents[2] / "docs" / "operators.md").read_text(encoding="utf-8")


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(RFL_[A-Z_]+)` \| (.*?) \|", TEXT, re.MULTILINE))
    assert set(rows) == {f"RFL_{name.upper()}" for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        shown = rows[f"RFL_{name.upper()}"].strip("`")
        assert shown == ("" if field.default is None else str(field.default)), name


def test_every_command_is_documented_and_no_other() -> None:
    documented = re.findall(r"^\| `rfl ([a-z -]+?)(?: [A-Z_]+)?` \|", TEXT, re.MULTILINE)
    assert sorted(documented) == sorted(words for words, _command in commands())


def test_no_setting_is_named_that_there_is_not() -> None:
    named = set(re.findall(r"\bRFL_[A-Z_]+\b", TEXT))
    assert named <= {f"RFL_{name.upper()}" for name in Settings.model_fields}


def test_openapi_and_version_need_no_node(cli: Cli) -> None:
    cli.settings.clear()
    assert cli("openapi").document["openapi"].startswith("3.1")
    assert json.loads(cli("version", "--json").out)["version"]
