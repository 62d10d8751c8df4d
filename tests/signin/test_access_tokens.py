"""Access tokens (RFC 9068): what is taken, and that everything else is refused alike."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OctKey, RSAKey
from joserfc.jws import JWSRegistry

from rfl.errors import IssuerUnavailable, NotSignedIn
from rfl.signin.access_token import LEEWAY, Expected
from rfl.signin.fetching import KeyAddress
from rfl.signin.issuer import APART, FRESH, LIVING, Issuer, parse_keys
from rfl.signin.signed_tokens import MOST, Signed, SignedTokens, digest_of
from tests.signin.provider import (
    ALGORITHMS,
    AUDIENCE,
    ISSUER,
    NOW,
    Provider,
    key_set,
    make_issuer,
    make_key,
    make_token,
    part,
    serve_keys,
)
from tests.support import Clock

AT = Clock().now


@pytest.mark.parametrize("algorithm", sorted(ALGORITHMS))
def test_a_token_of_the_provider_names_its_subject(algorithm: str) -> None:
    key = make_key(algorithm, algorithm)
    said = make_issuer(make_key(), key).verify(make_token(key), AT)
    assert (said.subject, said.id) == ("ana", "one")
    assert "ana" not in repr(said)


TAKEN: list[tuple[str, dict[str, Any]]] = [
    ("one of several audiences", {"aud": ["https://other.example", AUDIENCE]}),
    ("the longer media type", {"header": {"typ": "application/at+jwt"}}),
    ("a type in capitals", {"header": {"typ": "AT+JWT"}}),
    ("no key id, where one key fits", {"header": {"kid": None}}),
    ("a clock that is a little ahead", {"iat": NOW + LEEWAY - 1}),
    ("a header of the provider's own", {"header": {"nonce": "x", "x5t": "y"}}),
]


@pytest.mark.parametrize("given", [one for _name, one in TAKEN], ids=[name for name, _ in TAKEN])
def test_what_the_profile_allows_is_taken(given: dict[str, Any]) -> None:
    assert make_issuer().verify(make_token(**given), AT).subject == "ana"


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("an ID token", {"header": {"typ": "JWT"}}),
    ("no type", {"header": {"typ": None}}),
    ("a logout token", {"header": {"typ": "logout+jwt"}}),
    ("expired", {"exp": NOW - LEEWAY}),
    ("no end", {"exp": None}),
    ("an end that is no number", {"exp": "tomorrow"}),
    ("an end that is not a number", {"exp": float("nan")}),
    ("without end", {"exp": float("inf")}),
    ("a life of a month", {"exp": NOW + 30 * 86_400}),
    ("issued in the future", {"iat": NOW + LEEWAY + 1, "exp": NOW + 900}),
    ("not valid yet", {"nbf": NOW + LEEWAY + 1}),
    ("no time of issue", {"iat": None}),
    ("another audience", {"aud": "https://rfl.south.example"}),
    ("an audience that contains ours", {"aud": AUDIENCE + ".evil.example"}),
    ("no audience", {"aud": None}),
    ("an empty list of audiences", {"aud": []}),
    ("an audience that is no text", {"aud": {AUDIENCE: 1}}),
    ("another issuer", {"iss": "https://evil.example"}),
    ("an issuer with a slash more", {"iss": ISSUER + "/"}),
    ("no issuer", {"iss": None}),
    ("no subject", {"sub": None}),
    ("an empty subject", {"sub": ""}),
    ("a subject that is no text", {"sub": ["ana"]}),
    ("a subject without end", {"sub": "a" * 256}),
    ("no id", {"jti": None}),
    ("no client", {"client_id": None}),
    ("an unknown key", {"header": {"kid": "nobody"}}),
    ("a key id that is no text", {"header": {"kid": 7}}),
    ("an extension to be understood", {"header": {"crit": ["exp"], "exp": 1}}),
    ("more than a token holds", {"padding": "x" * 9_000}),
]


@pytest.mark.parametrize("given", [one for _n, one in REFUSED], ids=[name for name, _ in REFUSED])
def test_what_is_no_valid_access_token_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(NotSignedIn):
        make_issuer().verify(make_token(**given), AT)


def test_a_token_without_a_signature_is_refused() -> None:
    header, body, signature = make_token().split(".")
    none = part({"alg": "none", "typ": "at+jwt", "kid": "first"})
    for forged in (f"{none}.{body}.", f"{none}.{body}.{signature}", f"{header}.{body}."):
        with pytest.raises(NotSignedIn):
            make_issuer().verify(forged, AT)


def test_the_public_key_is_no_shared_secret() -> None:
    """Key confusion: HS256 with what everybody can fetch."""
    key = make_key("rsa", "RS256")
    assert isinstance(key, RSAKey)
    head = part({"alg": "HS256", "typ": "at+jwt", "kid": "rsa"})
    content = ".".join([head, make_token(key).split(".")[1]])
    for secret in (key.as_pem(private=False), json.dumps(key.as_dict(private=False)).encode()):
        digest = hmac.digest(secret, content.encode(), "sha256")
        forged = f"{content}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"
        for allowed in (ALGORITHMS, ALGORITHMS | {"HS256"}):
            issuer = Issuer(Expected(ISSUER, AUDIENCE, allowed), lambda: key_set(key))
            with pytest.raises(NotSignedIn):
                issuer.verify(forged, AT)


def test_a_shared_secret_among_the_keys_is_left_out() -> None:
    shared = OctKey.import_key("secret" * 8, {"kid": "shared", "alg": "HS256"})
    assert [key.kid for key in parse_keys(key_set(make_key(), shared))] == ["first"]
    with pytest.raises(NotSignedIn):
        make_issuer(make_key(), shared).verify(make_token(shared), AT)


def test_a_key_or_address_in_the_header_is_not_asked() -> None:
    stranger = make_key("first ", "ES256")
    for field_, value in (
        ("jwk", stranger.as_dict(private=False)),
        ("jku", "http://127.0.0.1:9/keys"),
        ("x5u", "http://127.0.0.1:9/keys"),
    ):
        with pytest.raises(NotSignedIn):
            make_issuer().verify(make_token(stranger, {"kid": "first", field_: value}), AT)


def test_an_algorithm_that_the_settings_do_not_name_is_refused() -> None:
    key = make_key("ES384", "ES384")
    issuer = Issuer(Expected(ISSUER, AUDIENCE, frozenset({"RS256"})), lambda: key_set(key))
    with pytest.raises(NotSignedIn):
        issuer.verify(make_token(key), AT)


def test_a_key_that_is_for_sealing_signs_nothing() -> None:
    sealing = json.loads(key_set())
    sealing["keys"][0]["use"] = "enc"
    issuer = Issuer(Expected(ISSUER, AUDIENCE, ALGORITHMS), lambda: json.dumps(sealing).encode())
    with pytest.raises(NotSignedIn):
        issuer.verify(make_token(), AT)


@given(st.one_of(st.text(max_size=80), st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}")))
def test_any_text_is_refused_and_nothing_else_happens(token: str) -> None:
    with pytest.raises(NotSignedIn):
        make_issuer().verify(token, AT)


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(st.sampled_from(["keys", "kty", "kid", "n", "e", "crv", "x", "y"]), x)
        ),
        max_leaves=8,
    )
)
def test_any_document_is_a_set_of_keys_or_none(document: object) -> None:
    try:
        assert parse_keys(json.dumps(document).encode())
    except ValueError:
        return


# What is remembered of a token that has come before.


def test_the_signature_of_a_token_is_worked_out_once(monkeypatch: pytest.MonkeyPatch) -> None:
    algorithm = JWSRegistry.algorithms["ES256"]
    checked: list[bytes] = []

    def counted(content: bytes, *given: Any) -> bool:
        checked.append(content)
        return type(algorithm).verify(algorithm, content, *given)

    monkeypatch.setattr(algorithm, "verify", counted)
    issuer = make_issuer(make_key(), make_key("other"))
    for token in [make_token(), make_token(jti="two")] * 5:
        issuer.verify(token, AT)
    assert len(checked) == 2
    header, body, _signature = make_token().split(".")
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            issuer.verify(f"{header}.{body}.{make_token(jti='three').split('.')[2]}", AT)
    assert len(checked) == 4, "what is wrong is not remembered"


def _other_key(issuer: Issuer) -> None:
    """The provider takes its key back, and another bears the name."""
    issuer.fetch = lambda: key_set(ECKey.generate_key("P-256", {"kid": "first", "alg": "ES256"}))
    issuer.ticks = lambda: FRESH + time.monotonic()


def _no_key(issuer: Issuer) -> None:
    issuer.fetch = lambda: key_set(make_key("second"))
    issuer.ticks = lambda: FRESH + time.monotonic()


def _expect(**changes: Any) -> Callable[[Issuer], None]:
    def change(issuer: Issuer) -> None:
        issuer.expected = replace(issuer.expected, **changes)

    return change


ENDS: list[tuple[str, int, Callable[[Issuer], None]]] = [
    ("its time", 600 + LEEWAY, lambda _issuer: None),
    ("a clock that went back", -LEEWAY - 1, lambda _issuer: None),
    ("the key was taken back", 0, _no_key),
    ("another key has its name", 0, _other_key),
    ("another issuer is set", 0, _expect(issuer="https://other.example")),
    ("another audience is set", 0, _expect(audience="https://rfl.south.example")),
    ("its algorithm is no longer set", 0, _expect(algorithms=frozenset({"RS256"}))),
]


@pytest.mark.parametrize(
    ("later", "change"), [one[1:] for one in ENDS], ids=[one[0] for one in ENDS]
)
def test_a_token_that_has_come_before_ends_at_once(
    later: int, change: Callable[[Issuer], None]
) -> None:
    issuer, token = make_issuer(), make_token()
    for _ in range(2):
        issuer.verify(token, AT)
    change(issuer)
    with pytest.raises(NotSignedIn):
        issuer.verify(token, AT + timedelta(seconds=later))


def test_what_is_remembered_is_bounded_and_is_neither_token_nor_subject() -> None:
    seen, signed = SignedTokens(), Signed({}, {"sub": "ana"}, make_key())
    digests = [digest_of(str(number)) for number in range(MOST + 1)]
    for digest in [*digests[:MOST], digests[0], digests[MOST]]:
        seen.keep(digest, signed)
    assert [seen.find(digests[number]) for number in (0, 1, MOST)] == [signed, None, signed]
    assert "ana" not in repr(seen) + repr(signed)


@dataclass
class Office:
    """A node's issuer in front of a provider that really serves, and seconds that tests move."""

    provider: Provider
    at: float = 0.0
    issuer: Issuer = field(init=False)

    def __post_init__(self) -> None:
        expected = Expected(ISSUER, AUDIENCE, ALGORITHMS)
        fetch = KeyAddress(self.provider.url, None).fetch
        self.issuer = Issuer(expected, fetch, ticks=lambda: self.at)

    def signs_in(self, key: Key | None = None) -> bool:
        try:
            self.issuer.verify(make_token(key), AT)
        except NotSignedIn:
            return False
        return True


@pytest.fixture
def office() -> Any:
    with serve_keys() as provider:
        yield Office(provider)


def test_keys_are_fetched_once_for_many_requests(office: Office) -> None:
    assert all(office.signs_in() for _ in range(50))
    assert office.provider.asked == 1


def test_a_new_key_is_found_and_a_flood_of_unknown_ones_asks_twice_a_minute(
    office: Office,
) -> None:
    assert office.signs_in()
    second = make_key("second")
    office.provider.body = key_set(make_key(), second)
    office.at += APART
    assert office.signs_in(second)
    assert office.provider.asked == 2
    for number in range(100):
        office.at += 0.61
        assert not office.signs_in(make_key(f"unknown {number % 3}"))
    assert office.provider.asked == 4


def test_a_key_that_was_taken_back_ends_within_minutes(office: Office) -> None:
    assert office.signs_in()
    office.provider.body = key_set(make_key("second"))
    office.at += FRESH
    assert not office.signs_in()


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b""), (302, b""), (200, b"<html>"), (200, b'{"keys": []}'), (200, b"[" * 300_000)],
)
def test_known_keys_go_on_while_the_provider_is_away_and_it_is_asked_less_and_less(
    office: Office, status: int, body: bytes
) -> None:
    assert office.signs_in()
    office.provider.status, office.provider.body = status, body
    office.at += FRESH
    for _minute in range(60):
        office.at += 60
        assert office.signs_in()
    assert 5 <= office.provider.asked <= 12
    office.provider.status, office.provider.body = 200, key_set(make_key("second"))
    office.at += 900
    assert not office.signs_in()
    assert office.signs_in(make_key("second"))


def test_keys_that_could_not_be_fetched_for_a_day_end(office: Office) -> None:
    assert office.signs_in()
    office.provider.status = 503
    office.at += LIVING - 1
    assert office.signs_in()
    office.at += 2_000
    with pytest.raises(IssuerUnavailable):
        office.signs_in()


def test_a_provider_that_was_never_there_is_said_to_be_away() -> None:
    issuer = Issuer(
        Expected(ISSUER, AUDIENCE, ALGORITHMS), KeyAddress("http://127.0.0.1:9/", None).fetch
    )
    with pytest.raises(IssuerUnavailable):
        issuer.verify(make_token(), AT)
