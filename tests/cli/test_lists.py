"""`rfl import` and `rfl lists`: the list goes in, bad rows are named, nothing is echoed."""

import csv
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.cli.support import Cli

ROWS = """ref,full name,sex,date of birth,city
A-1,Zahra Hosseini,f,1994-05-02,Herat
A-2,Omar Haddad,m,1990-02-31,Homs
A-3,Лејла Османи,f,2001,Куманово
"""


@pytest.fixture
def camp_list(tmp_path: Path) -> Path:
    path = tmp_path / "camp.csv"
    path.write_text(ROWS, encoding="utf-8")
    return path


def test_a_list_goes_in_and_its_bad_row_is_named_without_its_value(
    node: Cli, camp_list: Path, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.csv"
    done = node("import", camp_list, "--rejects", rejects, "--json")
    report = done.document
    assert {name: report[name] for name in ("rows", "added", "refused")} == {
        "rows": 3,
        "added": 2,
        "refused": 1,
    }
    assert report["list_id"].startswith("lst_")
    assert report["per_second"] > 0
    [rejected] = report["rejects"]
    assert (rejected["row"], rejected["field"]) == (3, "date of birth")
    with rejects.open(encoding="utf-8", newline="") as table:
        assert list(csv.DictReader(table)) == [{name: str(rejected[name]) for name in rejected}]
    assert not _echoed(done.out + done.err + rejects.read_text())


def test_the_same_list_again_changes_nothing(node: Cli, camp_list: Path) -> None:
    first = node("import", camp_list, "--json").document
    again = node("import", camp_list, "--json").document
    assert again["list_id"] == first["list_id"]
    assert (again["added"], again["changed"], again["unchanged"]) == (0, 0, 2)


def test_a_corrected_row_changes_its_registration_alone(node: Cli, camp_list: Path) -> None:
    node("import", camp_list)
    camp_list.write_text(ROWS.replace("1994-05-02", "1994-05-03"), encoding="utf-8")
    report = node("import", camp_list, "--json").document
    assert (report["added"], report["changed"], report["unchanged"]) == (0, 1, 1)


def test_a_list_that_was_taken_back_can_come_again(node: Cli, camp_list: Path) -> None:
    first = node("import", camp_list, "--owner", "Camp", "--json").document
    shown = node("lists", "show", first["list_id"], "--json").document
    assert (shown["owner"], shown["kind"]) == ("Camp", "partner_list")
    taken_back = node("lists", "take-back", first["list_id"], "--json").document
    assert taken_back == {"list_id": first["list_id"], "removed": 2}
    again = node("import", camp_list, "--owner", "Camp", "--json").document
    assert (again["added"], again["unchanged"]) == (2, 0)
    assert again["list_id"] != first["list_id"]


def test_a_dry_run_needs_no_node_and_stores_nothing(cli: Cli, camp_list: Path) -> None:
    report = cli("import", camp_list, "--dry-run", "--json").document
    assert (report["list_id"], report["added"], report["refused"]) == (None, 2, 1)
    assert not Path(cli.settings["RFL_DATA"]).exists()


def test_columns_are_mapped_by_the_options(node: Cli, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Wer;Wann\nZahra Hosseini;1994\n", encoding="utf-8")
    mapped = ("--column", "full_name=Wer", "--column", "birth=Wann")
    assert node("import", path, *mapped, "--json").document["added"] == 1


@pytest.mark.parametrize(
    "given",
    [
        ("--column", "full_name"),
        ("--column", "full_name=A", "--column", "full_name=B"),
        ("--column", "shoe_size=Wer"),
        ("--column", "full_name=Who"),
    ],
)
def test_a_mapping_that_does_not_fit_stores_nothing(
    node: Cli, camp_list: Path, given: tuple[str, ...]
) -> None:
    refused = node("import", camp_list, *given)
    assert refused.code == 2
    assert refused.err.startswith("rfl: invalid-input: column")
    assert (
        node("backup", Path(node.settings["RFL_DATA"]) / "b", "--json").document["rows"]["lists"]
        == 0
    )


def test_a_workbook_goes_in(node: Cli, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Nom complet", "Sexe"])
    sheet.append(["Zahra Hosseini", "f"])
    path = tmp_path / "list.xlsx"
    book.save(path)
    assert node("import", path, "--json").document["added"] == 1


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"<pfif", b"PK\x03\x04broken", b"no header\nat all\n"]
)
def test_a_file_that_is_no_list_is_one_line_and_stores_nothing(
    node: Cli, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "list"
    path.write_bytes(content)
    refused = node("import", path)
    assert refused.code == 2
    assert refused.err.splitlines()[-1].startswith("rfl: malformed-file: ")
    assert "Traceback" not in refused.err


def test_a_missing_file_is_refused(node: Cli, tmp_path: Path) -> None:
    refused = node("import", tmp_path / "nothing")
    assert (refused.code, refused.err) == (2, "rfl: not-found: FILE: The file cannot be read.\n")


def test_the_table_for_people_says_the_same_as_the_json(node: Cli, camp_list: Path) -> None:
    shown = node("import", camp_list)
    assert shown.code == 0
    assert "added          2" in shown.out
    assert "Refused rows (1)" in shown.out
    assert not _echoed(shown.out + shown.err)


def _echoed(text: str) -> list[str]:
    return [word for word in ("Zahra", "Omar", "02-31", "Османи", "Herat") if word in text]
