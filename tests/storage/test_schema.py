"""What stands in clear is listed here, column by column; everything else is sealed."""

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from rfl.storage import migrate
from rfl.storage.columns import metadata
from rfl.storage.database import Database

RANDOM_IDS = {
    "id",
    "record_id",
    "person_id",
    "account_id",
    "list_id",
    "officer",
    "result_id",
    "case_id",
    "seen_by",
}
RANDOM_IDS |= {"left_record", "left_person", "right_record", "right_person"}
TIMES = {
    "first_at",
    "last_at",
    "told_at",
    "seen_by",
    "created_at",
    "due_at",
    "review_at",
    "expires_at",
    "revoked_at",
    "erased_at",
    "at",
}
TIMES |= {"invited_until", "vetted_until", "remind_at"}
KEYED_HASHES = {"identifiers.hash", "sources.hash", "idempotency.key", "idempotency.body"}
KEYED_HASHES |= {"findings.key", "accounts.subject", "logins.name", "budget_marks.mark"}
WRAPPED_KEYS = {"record_keys.identity", "record_keys.rest", "record_keys.version"}
SEALED = {
    f"{table}.{column}"
    for table in ("cases", "registrations")
    for column in (
        "tie",
        "identity",
        "terms",
        "contact",
        "circumstances",
        "sensitive",
        "result",
    )
} | {
    "intakes.tie",
    "lists.tie",
    "lists.details",
    "accounts.details",
    "matches.evidence",
    "matches.decided",
    "searches.terms",
    "accounts.family_names",
    "findings.found",
    "findings.decided",
    "casefiles.content",
    "enquiries.tie",
    "enquiries.content",
    "journals.content",
    "messages.tie",
    "messages.content",
    "calls.tie",
    "calls.content",
    "deliveries.content",
    "tasks.tie",
    "tasks.content",
    "attachments.tie",
    "attachments.content",
    "transmissions.tie",
    "handovers.tie",
    "handovers.content",
    "received.tie",
    "received.content",
    "transmissions.content",
    "outbox.body",
    "inbox.body",
    "blob_parts.content",
    "approvals.tie",
    "approvals.content",
    "desks.content",
    "disclosures.tie",
    "disclosures.content",
    "honey.content",
    "break_glass.tie",
    "break_glass.content",
}
CLEAR = {
    "cases.state": "outside state, the same for refusal and not located",
    "cases.branch": "branch",
    "cases.kept_until": "when the time of keeping is over, from opening or closing and the rules",
    "cases.kept_by": "version of the rules that this was reckoned by, the same for every finding",
    "cases.policy": "version of the rules that an open case was judged by, whatever was found",
    "registrations.branch": "branch",
    "intakes.branch": "branch",
    "lists.branch": "branch",
    "enquiries.branch": "branch",
    "messages.branch": "branch",
    "messages.open": "whether a step may follow for the writer: one way of not answering (P-38)",
    "messages.owes": "code of the society that is to hear what its writer may hear",
    "messages.peer": "code of the society that carries it, or that sent it to be carried",
    "messages.retain_at": "time",
    "peers.untold_at": "time",
    "calls.branch": "branch",
    "calls.open": "always false",
    "tasks.branch": "branch",
    "attachments.branch": "branch",
    "attachments.open": "always true",
    "tasks.open": "whether it is still to be done; no row is of the searching side (P-03)",
    "transmissions.branch": "branch",
    "transmissions.open": "whether the other society has to do something, not what it answered",
    "transmissions.peer": "peer code",
    "handovers.branch": "branch",
    "handovers.open": "whether somebody still has to do something",
    "handovers.peer": "peer code",
    "handovers.ref": "keyed hash of a random reference",
    "handovers.coming": "which way it goes",
    "handovers.persons": "how many persons an offer names, for the day's budget",
    "handovers.given": "whether it is to become a case here",
    "handovers.retain_at": "until when an offer may be kept",
    "received.branch": "branch",
    "received.open": "whether something may follow, not what a search found",
    "received.peer": "peer code",
    "received.ref": "keyed hash of a peer's random reference",
    "received.persons": "how many persons a request names, for the day's budget",
    "received.retain_at": "until when a copy may be kept",
    "received.owes": "whether a society is to be told what may be told",
    "received.changed": "whether a society has changed its request",
    "transmissions.renew_at": "when a copy elsewhere is renewed",
    "recalls.peer": "peer code",
    "recalls.ref": "random reference of a request, which may be erased here",
    "recalls.why": "withdrawn, erased, or ended",
    "recalls.branch": "whose people hand the notice over",
    "recalls.by_hand": "whether the society has no node, so that people ask",
    "transmissions.copy_until": "until when a society without a node may keep a request",
    "correspondents.code": "peer code",
    "correspondents.name": "a society's public name",
    "correspondents.language": "language that a society is written to in",
    "correspondents.assessed_until": "time",
    "correspondents.at_risk": "mark of a society",
    "recalls.created_at": "time",
    "recalls.asked_at": "time",
    "recalls.attested_at": "time",
    "attestations.peer": "peer code",
    "attestations.ref": "a peer's random reference, for the day that its attestation waits",
    "attestations.due_at": "time",
    "approvals.branch": "branch",
    "disclosures.branch": "branch",
    "disclosures.open": "whether it waits to be decided or given, whoever it is about",
    "approvals.open": "whether it waits to be given or used, not what was decided",
    "enquiries.open": "whether a step may still follow, not how it ended",
    "lists.state": "open, complete or taken back",
    "accounts.branch": "branch",
    "accounts.role": "role of an account, no person's datum of a case",
    "accounts.active": "whether the account may sign in",
    "tokens.hash": "SHA-256 of 256 random bits",
    "logins.password": "argon2id of a keyed hash: guessing it needs the node's keys",
    "logins.code_salt": "random bits",
    "logins.last_step": "time of the last one-time code, in half minutes",
    "logins.invitation": "SHA-256 of 256 random bits",
    "tokens.purposes": "what a token is for: purposes of the closed list",
    "tokens.reads_only": "whether a token may only read",
    "tokens.made_with": "a random id",
    "tokens.made_at": "when a token was made, so that its holder knows it again",
    "matches.open": "whether somebody still has to decide, not what was decided",
    "notices.match_id": "random id",
    "notices.branch": "branch",
    "notices.code": "new, rose or drawn by chance: never how likely, nor what was decided",
    "rematch.number": "always 1",
    "rematch.rules": "versions of model, terms and gazetteer",
    "rematch.cursor": "a random id",
    "rematch.done": "how many records were compared",
    "rematch.total": "how many records there were",
    "rematch.started_at": "time",
    "rematch.finished_at": "time",
    "rematch.leased_by": "a random id of a process",
    "rematch.leased_until": "time",
    "findings.state": "open, explained or escalated: whether somebody still has to look",
    "idempotency.status": "HTTP status",
    "feed.xid": "transaction number",
    "feed.matched": "whether the matcher has been there",
    "ledger.seq": "number of the row",
    "ledger.actor": "key of an account id of the body, for searching",
    "ledger.action": "key of a verb of the body, for searching",
    "ledger.body": "log ids only, never a record's id",
    "ledger.denied": "whether it was refused, repeated from the body",
    "ledger.peer": "peer code, repeated from the body",
    "ledger_objects.log_id": "key of a log id of the body, for searching",
    "ledger_objects.seq": "number of the row",
    "ledger_waiting.seq": "number of the row",
    "ledger_waiting.leaf": "hash of an entry, which has a salt",
    "tree_tiles.place": "place of hashes in the tree",
    "tree_tiles.hashes": "hashes of entries, which have salts",
    "tree_order.number": "number of the row",
    "tree_order.seqs": "numbers of rows",
    "tree_order.low": "number of a row",
    "tree_order.high": "number of a row",
    "checkpoints.size": "how many leaves the tree has",
    "checkpoints.padded": "whether the size was rounded up",
    "checkpoints.note": "signed size and root hash",
    "log_expiries.end": "below which leaf bodies have ended",
    "log_expiries.done": "below which leaf bodies are deleted",
    "log_shares.number": "number of the row",
    "log_shares.recipient": "code of an organisation, no person's name",
    "log_shares.form": "form of an export",
    "log_shares.begin": "number of a leaf",
    "log_shares.end": "number of a leaf",
    "log_shares.until": "end date of an export",
    "log_shares.actor": "account id",
    "log_streams.recipient": "code of an organisation, no person's name",
    "log_streams.next": "number of a leaf",
    "log_stamps.size": "how many leaves the tree has",
    "log_stamps.answer": "an authority's signature over a signed root hash",
    "cosignatures.size": "how many leaves the tree has",
    "cosignatures.witness": "peer code",
    "cosignatures.line": "a witness's signature",
    "log_keys.origin": "name of a society's log, or of its witness",
    "log_keys.kind": "whether it is a log's key or a witness's",
    "log_keys.number": "place in the order of the keys",
    "log_keys.key": "public key",
    "log_keys.since": "how many leaves the tree had",
    "alarms.code": "what is wrong with the node or its log",
    "alarms.subject": "peer code, account id, or nothing",
    "alarms.state": "open, seen or over",
    "alarms.count": "how often it happened",
    "watched_logs.peer": "peer code",
    "watched_logs.key": "public key",
    "watched_logs.note": "signed size and root hash of a peer's log",
    "watched_logs.claim": "signed size and root hash of a peer's log",
    "log_witnesses.peer": "peer code",
    "log_witnesses.key": "public key",
    "log_witnesses.size": "how many leaves the tree has",
    "log_witnesses.claim": "signed size and root hash",
    "log_witnesses.held": "signed size and root hash",
    "log_evidence.peer": "peer code",
    "log_evidence.code": "why a peer's log was refused",
    "log_evidence.held": "signed size and root hash of a peer's log",
    "log_evidence.offered": "signed size and root hash of a peer's log",
    "budgets.principal": "account id",
    "budgets.what": "what is counted: records, searches or exports of an hour or a day",
    "budgets.until": "end of an hour or a day",
    "budgets.count": "how many",
    "budget_marks.until": "end of an hour or a day",
    "lockdown.number": "always 1",
    "honey.number": "always 1",
    "tries.slot": "the first 16 bits of a keyed hash",
    "tries.since": "time",
    "tries.count": "how often a password was tried",
    "break_glass.branch": "branch",
    "break_glass.open": "whether it waits for a review",
    "break_glass.ends_at": "time",
    "accounts.glass_until": "time",
    "accounts.review_by": "time",
    "lockdown.begun_by": "account id",
    "lockdown.lift_asked_by": "account id",
    "lockdown.lift_asked_at": "time",
    "key_uses.day": "number of a day",
    "key_uses.process": "random id of a process",
    "key_uses.unwrapped": "how many keys were unwrapped",
    "key_uses.unaccounted": "how many keys were unwrapped without an entry",
    "key_uses.reconciled": "whether the day was compared",
    "peers.code": "peer code",
    "peers.state": "whether a society is trusted",
    "peers.descriptor": "what a society publishes of itself",
    "peers.introduced_by": "peer code",
    "peers.trusted_by": "account id",
    "peers.trusted_at": "time",
    "peers.assessed_until": "date",
    "peers.at_risk": "about a society, not about a person",
    "peers.daily_limit": "a number for all",
    "peers.heard_at": "time",
    "peers.introduces": "what a society's introductions count for",
    "peers.introduced_at": "time",
    "peers.introduced_until": "time",
    "own_keys.mode": "live or exercise",
    "own_keys.kid": "id of a public key",
    "own_keys.name": "kind of a key",
    "own_keys.number": "version of a key",
    "own_keys.not_after": "time",
    "own_keys.destroyed_at": "time",
    "outbox.receipt": "a peer's signature over ids and digests",
    "inbox.receipt": "own signature over ids and digests",
    "inbox.status": "what became of an envelope, not of a case",
    "inbox.reason": "code of a refusal, as in the receipt; the same for all of a type",
    "witness_mail.peer": "peer code",
    "witness_mail.type": "log.checkpoint or log.cosignature",
    "witness_mail.message": "signed size and root hash of a log",
    "outbox.settled_at": "time",
    "outbox.state": "what became of an envelope, not of a case",
    "outbox.urgent": "whether it waits for the tick",
    "outbox.attempts": "a count",
    "hop_nonces.kid": "id of a public key",
    "blobs.peer": "peer code",
    "blobs.outgoing": "direction",
    "blobs.digest": "SHA-256 of sealed bytes, as every relay sees it",
    "blobs.size": "bytes of a sealed blob, rounded before it was sealed",
    "blobs.have": "bytes of it that have come",
    "blobs.whole": "whether all have come",
    "blob_parts.blob_id": "random id",
    "blob_parts.number": "place of a part",
    "blob_holds.blob_id": "random id",
    "blob_holds.holder": "random id",
    "blob_sends.blob_id": "random id",
    "blob_sends.peer": "peer code",
    "blob_sends.envelope": "random id",
    "blob_sends.attempts": "a count",
    "blob_sends.claimed_at": "time",
    "blob_sends.taken_at": "time",
    "owed_receipts.envelope": "random id",
    "owed_receipts.peer": "peer code",
    "hop_nonces.nonce": "random",
}
CLEAR |= {
    f"{table}.{column}": "peer code and place in a stream, as every relay sees them"
    for table, last in (
        ("outbox", "digest"),
        ("inbox", "digest"),
        ("out_streams", "prev"),
        ("in_streams", "digest"),
    )
    for column in ("peer", "stream", "epoch", "seq", last)
}


def is_listed(column: sa.Column[Any]) -> bool:
    name = f"{column.table.name}.{column.name}"
    if column.name in RANDOM_IDS | TIMES or column.name == "version":
        return True
    return name in CLEAR or name in KEYED_HASHES or name in WRAPPED_KEYS


def all_columns() -> list[sa.Column[Any]]:
    tables = migrate.register_tables(metadata).tables.values()
    return [column for table in tables for column in table.columns]


def test_every_column_is_sealed_or_listed_as_clear() -> None:
    columns = all_columns()
    unlisted = {
        f"{one.table.name}.{one.name}"
        for one in columns
        if not is_listed(one) and f"{one.table.name}.{one.name}" not in SEALED
    }
    assert unlisted == set()
    names = {f"{one.table.name}.{one.name}" for one in columns}
    assert (SEALED | CLEAR.keys() | KEYED_HASHES | WRAPPED_KEYS) <= names


def test_every_file_with_a_table_is_known_to_the_migrations() -> None:
    folder = Path(migrate.__file__).parent
    with_tables = {file.stem for file in folder.glob("*.py") if "= Table(" in file.read_text()}
    assert with_tables == {file.__name__.rpartition(".")[2] for file in migrate.TABLE_FILES}


def test_a_sealed_column_holds_bytes_and_nothing_else() -> None:
    for column in all_columns():
        if f"{column.table.name}.{column.name}" in SEALED:
            assert isinstance(column.type, sa.LargeBinary), column


def test_migrations_make_the_tables_that_the_code_declares(database_url: str) -> None:
    database = Database(database_url)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, migrate.register_tables(metadata)) == []
    assert migrate.current(database) == migrate.newest()
    database.dispose()


def test_migrations_go_down_to_nothing_and_up_again(database_url: str) -> None:
    database = Database(database_url)
    migrate.downgrade(database, "base")
    assert set(sa.inspect(database.engine).get_table_names()) <= {"alembic_version"}
    migrate.upgrade(database)
    assert migrate.current(database) == migrate.newest()
    database.dispose()


@pytest.mark.parametrize("table", ["outbox", "inbox"])
def test_postgresql_does_not_try_to_make_envelopes_smaller(table: str, postgres_url: str) -> None:
    """Base64url looks as if it could be, which took a third of what the server did."""
    database = Database(postgres_url)
    asked = sa.text(
        "SELECT attstorage FROM pg_attribute"
        " WHERE attrelid = CAST(:of AS regclass) AND attname = 'body'"
    )
    with database.read() as connection:
        assert connection.scalar(asked, {"of": table}) == "e"
    database.dispose()
