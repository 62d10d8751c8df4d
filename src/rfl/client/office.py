"""Calls of the office: who am I, accounts, and what becomes of the work of who leaves."""

from collections.abc import Mapping, Sequence
from typing import cast

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, LogEntry


class Office(Group):
    """What supervisors, administrators and data protection officers do about accounts."""

    def me(self) -> Answer:
        """Return account, role and branch that the token speaks for."""
        return self._read("/v1/me")

    def reassign(self, leaving: str, officer: str) -> list[Answer]:
        """Give everything of who leaves on the enquirer's side to another; return each record."""
        body = {"leaving": leaving, "officer": officer}
        return cast("list[Answer]", self._once("POST", "/v1/reassignments", body)["items"])

    def pass_on_searches(self, leaving: str, searcher: str) -> list[Answer]:
        """Put another officer in the place of who leaves in each team; return each case."""
        body = {"leaving": leaving, "searcher": searcher}
        return cast("list[Answer]", self._once("POST", "/v1/search-reassignments", body)["items"])

    def vet(self, account_id: str, until: str) -> None:
        """Set the last day on which an account may work with children, YYYY-MM-DD."""
        self._once("PUT", f"/v1/accounts/{safe(account_id)}/vetting", {"until": until})

    def revoke(self, token_id: str) -> None:
        """Revoke a token at once."""
        self._once("POST", f"/v1/tokens/{safe(token_id)}/revocation")

    def link(self, account_id: str, subject: str) -> None:
        """Let a subject of the identity provider sign in as an account."""
        self._once("PUT", f"/v1/accounts/{safe(account_id)}/subject", {"subject": subject})

    def remove(self, account_id: str) -> None:
        """End an account and its tokens at once."""
        self._once("POST", f"/v1/accounts/{safe(account_id)}/removal")

    def add_token(self, purposes: Sequence[str], days: int, *, reads_only: bool) -> Answer:
        """Make a token of one's own for these purposes alone; it is shown this once."""
        body = {"purposes": list(purposes), "days": days, "reads_only": reads_only}
        return self._once("POST", "/v1/tokens", body)

    def tokens(self) -> list[Answer]:
        """Return one's own tokens that still work, sign-ins among them, the newest first."""
        return cast("list[Answer]", self._read("/v1/tokens")["items"])

    def end_token(self, token_id: str) -> None:
        """End a token of one's own at once."""
        self._once("POST", f"/v1/tokens/{safe(token_id)}/end")

    def change_password(self, proof: Mapping[str, str], chosen: str) -> None:
        """Choose another password, with the name, password and code of `sign_in`."""
        self._once("PUT", "/v1/password", {**proof, "chosen": chosen})

    def invite(self, account_id: str) -> Answer:
        """Invite the holder of an account to choose a password; it is shown this once."""
        return self._once("POST", f"/v1/accounts/{safe(account_id)}/invitation")

    def accept_invitation(self, invitation: str, name: str, password: str) -> Answer:
        """Choose name and password; return the secret of the one-time codes, shown this once."""
        body = {"invitation": invitation, "name": name, "password": password}
        return self._once("POST", "/v1/sign-in/invitations", body)

    def sign_in(self, name: str, password: str, code: str, device: str = "") -> Answer:
        """Return a token that ends soon, and the new mark of this device."""
        body = {"name": name, "password": password, "code": code, "device": device}
        return self._once("POST", "/v1/sign-in", body)

    def sign_out(self) -> None:
        """End the token of this client."""
        self._once("POST", "/v1/sign-out")

    def log_about(self, log_id: str) -> list[LogEntry]:
        """Return the entries that name a log id, which works after an erasure too."""
        return cast("list[LogEntry]", self._read(f"/v1/log/{safe(log_id)}")["items"])
