"""Enter a list before its rows come: who owns it, how reliable it is, what may be done with it."""

import msgspec

from rfl.crypto.sealing import Spot
from rfl.domain.access import Object, Verb
from rfl.domain.decoding import decoded
from rfl.domain.groups import Half
from rfl.domain.ids import ListId, check_id, new_id
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.interchange.rows import ListTerms as ListTerms
from rfl.storage import ledger, sources, vault
from rfl.storage.work import Work


def open_list(rt: Runtime, call: Call, terms: ListTerms, digest: str | None = None) -> str:
    """Enter a list before its rows come; the same owner's same file gives the same list.

    `digest` is any text that is equal for equal files, such as their SHA-256.
    """
    with rt.begin(call, Verb.LIST_IMPORT, basis=terms.legal_basis) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        seen = sources.source_hash(work, terms.owner, f"list:{digest or new_id('lst')}")
        if (known := sources.known(work, [seen]).get(seen)) is not None:
            return known
        list_id = ListId(new_id("lst"))
        _keep_list(work, list_id, terms)
        sources.remember(work, [sources.seen(seen, list_id, None)])
        remember_result(work, call, 201, list_id)
    return list_id


def read_terms(rt: Runtime, call: Call, list_id: str) -> ListTerms:
    """Return the terms on which a list is read."""
    check_id(list_id, "lst")
    with rt.begin(call, Verb.LIST_IMPORT) as work:
        row, sealed = sources.load_list(work, list_id)
        log_ids = vault.log_ids(work, sealed)
        work.require(Object(branch=row.branch))
        ledger.append(work, objects=log_ids, count=1)
        return decoded(sources.details_of(work, sealed), ListTerms)


def _keep_list(work: Work, list_id: ListId, terms: ListTerms) -> None:
    _keys, key_row = vault.fresh_keys(work, list_id)
    vault.keep_keys(work, [key_row])
    tie, log_ids = vault.new_tie(work, "lists", list_id, 0)
    spot = Spot("lists", "details", list_id, list_id)
    details = vault.sealed_value(work, spot, Half.REST, msgspec.json.encode(terms))
    values = {
        "id": list_id,
        "branch": work.actor.branch,
        "officer": work.actor.id,
        "state": "open",
        "created_at": work.micros,
        "version": 1,
        "details": details,
        vault.TIE: tie,
    }
    sources.add_list(work, values)
    ledger.append(work, objects=log_ids)
