"""How far the comparing of everybody anew has come, from the command line."""

from rfl import wiring
from rfl.background import Background
from rfl.matching.versions import rules_version
from tests.cli.support import Cli


def test_a_new_node_has_nobody_to_compare_anew(node: Cli) -> None:
    told = node("match", "status", "--json").document
    assert (told["state"], told["rules"], told["total"]) == ("finished", rules_version(), 0)


def test_the_state_is_told_before_during_and_after(node: Cli) -> None:
    begun = node("match", "again", "--json").document
    assert (begun["state"], begun["rules"]) == ("finished", rules_version())
    assert (begun["done"], begun["total"]) == (0, 0)
    said = node("match", "status")
    assert said.code == 0
    assert rules_version() in said.out


def test_a_node_of_an_earlier_version_compares_by_its_own_rules_when_it_starts(node: Cli) -> None:
    rt = wiring.runtime(wiring.settings())
    with rt.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM rematch")
    assert node("match", "status", "--json").document == {"state": "never_begun"}
    background = Background(rt)
    background.start()
    assert background.ready.wait(20)
    background.stop()
    rt.database.dispose()
    assert node("match", "status", "--json").document["rules"] == rules_version()
