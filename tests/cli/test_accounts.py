"""Accounts and tokens from the command line."""

import pytest

from rfl import wiring
from rfl.errors import NotSignedIn
from rfl.flows.admit import sign_in
from tests.cli.support import Cli


def test_an_account_signs_in_until_its_token_is_revoked(node: Cli) -> None:
    made = node(
        *("account", "add", "--role", "tracing_officer", "--branch", "skopje"),
        *("--name", "Elena Petrova", "--json"),
    ).document
    assert "Elena" not in str(made)
    rt = wiring.runtime(wiring.settings())
    actor = sign_in(rt, made["token"])
    assert (actor.id, actor.role, actor.branch) == (made["account"], "tracing_officer", "skopje")
    assert node("token", "revoke", made["token_id"]).code == 0
    with pytest.raises(NotSignedIn):
        sign_in(rt, made["token"])
    rt.database.dispose()


def _account(role: str, branch: str, name: str) -> tuple[str, ...]:
    return ("account", "add", "--role", role, "--branch", branch, "--name", name)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ("account", "add", "--role", "service", "--branch", "b", "--name", "n"),
            "invalid-input: role",
        ),
        (
            ("account", "add", "--role", "auditor", "--branch", "a b", "--name", "n"),
            "invalid-input: branch",
        ),
        (
            ("account", "add", "--role", "auditor", "--branch", "b", "--name", "\u200b"),
            "invalid-input: name",
        ),
        (("token", "revoke", "rflt_secret"), "invalid-input: id"),
        (("token", "revoke", "tok_00000000000000000000000000"), "not-found"),
    ],
)
def test_what_cannot_be_done_is_one_line(node: Cli, given: tuple[str, ...], said: str) -> None:
    refused = node(*given)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err.startswith(f"rfl: {said}: ")
    assert "secret" not in refused.err
