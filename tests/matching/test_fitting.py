"""The name model is fitted so that more alike never weighs less, on people kept apart."""

import json
import random
from itertools import pairwise
from pathlib import Path

from typer.testing import CliRunner

from rfl.cli.main import app
from rfl.matching.fitting import fit

FIRST = ["Ahmad", "Selam", "Miroslav", "Zorica", "Bayram", "Hodan", "Yusuf", "Anahit", "Goran"]
LAST = ["Karimi", "Tesfaye", "Trajkovski", "Atayev", "Warsame", "Guled", "Ristova", "Noori"]


def made_pairs(country: bool = False) -> list[dict[str, str]]:
    """People under two spellings, and strangers of whom many share a part."""
    chance = random.Random(5)
    rows = []
    for number in range(400):
        first, last = chance.choice(FIRST), f"{chance.choice(LAST)}{'aeiou'[number % 5]}n"
        name = f"{first} {last}"
        other = f"{chance.choice(FIRST)} {chance.choice([last, chance.choice(LAST)])}"
        spelled = f"{last} {first}" if number % 3 else name.replace("a", "aa", 1)
        rows.append({"label": "1", "name1": name, "name2": spelled})
        rows.append({"label": "0", "name1": name, "name2": other})
    if country:
        rows = [row | {"country": f"C{number // 20}"} for number, row in enumerate(rows)]
    return rows


def test_more_alike_never_weighs_less() -> None:
    found = fit(made_pairs(), 7)
    assert found.model.version == 7
    for one in found.model.classes.values():
        for line in one.features.values():
            assert line.weight == sorted(line.weight)
        assert all(low <= high for low, high in pairwise(one.calibration.weight))
        assert all(low <= high for low, high in pairwise(one.calibration.at))


def test_the_same_pairs_in_any_order_give_the_same_model() -> None:
    rows = made_pairs()
    turned = [*rows, *rows[:50]]
    assert fit(turned, 1).report["fitted"] == fit(rows, 1).report["fitted"]


def test_what_was_not_seen_is_told_apart() -> None:
    report = fit(made_pairs(country=True), 1).report
    assert report["unseen"]["same"]["auc"] > 0.9
    assert 0 < report["unseen"]["same"]["pairs"] < report["fitted"]["pairs"]


def test_the_command_writes_a_model_and_reports(tmp_path: Path) -> None:
    columns = ["label", "name1", "name2"]
    lines = ["\t".join(columns), *("\t".join(row[c] for c in columns) for row in made_pairs())]
    (tmp_path / "pairs.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    out = tmp_path / "model.json"
    result = CliRunner().invoke(app, ["fit", str(tmp_path), "--out", str(out), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(out.read_text("utf-8"))["provenance"] == json.loads(result.stdout)
