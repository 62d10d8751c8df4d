"""How far the comparing of everybody anew has come, from the command line."""

from rfl import wiring
from rfl.background import Background
from rfl.matching.versions import rules_version
from tests.cli.support import Cli


def test_the_state_is_told_before_during_and_after(node: Cli) -> None:
    assert node("match", "status", "--json").document == {"state": "never_begun"}
    begun = node("match", "again", "--json").document
    assert (begun["state"], begun["rules"]) == ("finished", rules_version())
    assert (begun["done"], begun["total"]) == (0, 0)
    said = node("match", "status")
    assert said.code == 0
    assert rules_version() in said.out


def test_a_node_that_starts_compares_by_its_own_rules(node: Cli) -> None:
    assert node("match", "status", "--json").document == {"state": "never_begun"}
    rt = wiring.runtime(wiring.settings())
    background = Background(rt)
    background.start()
    assert background.ready.wait(20)
    background.stop()
    rt.database.dispose()
    assert node("match", "status", "--json").document["rules"] == rules_version()
