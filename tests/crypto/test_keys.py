"""The keyring and the agent: nothing opens without the master key, nor after destruction."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rfl.crypto import hpke
from rfl.crypto.agent import SEALED_TO, LocalAgent
from rfl.crypto.hpke import Suite
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.errors import KeyUnavailable, SealBroken

PASSPHRASE = "an invented passphrase"


@pytest.fixture
def provider(tmp_path: Path) -> FileProvider:
    made = FileProvider(tmp_path / "keyring.json", key_file=tmp_path / "master.key")
    make_key_file(tmp_path / "master.key")
    made.create()
    return made


def test_a_keyring_opens_with_its_passphrase_only(tmp_path: Path) -> None:
    path = tmp_path / "keyring.json"
    made = FileProvider(path, passphrase=PASSPHRASE).create()
    assert FileProvider(path, passphrase=PASSPHRASE).load() == made
    with pytest.raises(KeyUnavailable) as refused:
        FileProvider(path, passphrase=PASSPHRASE + "x").load()
    assert PASSPHRASE not in str(refused.value)


def test_an_existing_keyring_is_never_overwritten(provider: FileProvider) -> None:
    with pytest.raises(KeyUnavailable):
        provider.create()


def test_the_files_are_readable_by_their_owner_alone(provider: FileProvider) -> None:
    assert provider.path.stat().st_mode & 0o077 == 0
    assert provider.key_file is not None
    assert provider.key_file.stat().st_mode & 0o077 == 0


def test_a_key_file_that_others_may_read_is_refused(provider: FileProvider) -> None:
    assert provider.key_file is not None
    provider.key_file.chmod(0o644)
    with pytest.raises(KeyUnavailable, match="owner alone"):
        provider.load()


@pytest.mark.parametrize("passphrase", ["", "short", "elevenchars"])
def test_a_short_passphrase_is_refused(tmp_path: Path, passphrase: str) -> None:
    with pytest.raises(KeyUnavailable, match="12 characters"):
        FileProvider(tmp_path / "k", passphrase=passphrase)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": "other"}', "\x00"])
def test_a_file_that_is_no_keyring_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keyring.json"
    path.write_text(content)
    with pytest.raises(KeyUnavailable):
        FileProvider(path, passphrase=PASSPHRASE).load()


def test_keys_swapped_within_the_file_do_not_open(provider: FileProvider) -> None:
    content = json.loads(provider.path.read_text())
    first, second = content["keys"][0], content["keys"][1]
    first["wrapped"], second["wrapped"] = second["wrapped"], first["wrapped"]
    provider.path.write_text(json.dumps(content))
    with pytest.raises(KeyUnavailable):
        provider.load()


def test_a_data_key_unwraps_for_its_record_and_half_only(provider: FileProvider) -> None:
    agent = LocalAgent(provider)
    fresh = agent.create("cas_1")
    assert agent.unwrap("identity", "cas_1", fresh.wrapped_identity).raw == fresh.identity.raw
    for half, record in (("identity", "cas_2"), ("rest", "cas_1")):
        with pytest.raises(SealBroken):
            agent.unwrap(half, record, fresh.wrapped_identity)


def test_keys_made_together_differ_and_unwrap_for_their_own_record(provider: FileProvider) -> None:
    agent = LocalAgent(provider)
    made = agent.create_many(["cas_1", "cas_2"])
    raws = {key.raw for fresh in made for key in (fresh.identity, fresh.rest)}
    nonces = {one[3:15] for fresh in made for one in (fresh.wrapped_identity, fresh.wrapped_rest)}
    assert (len(raws), len(nonces)) == (4, 4)
    for record, fresh in zip(["cas_1", "cas_2"], made, strict=True):
        assert agent.unwrap("rest", record, fresh.wrapped_rest).raw == fresh.rest.raw


def test_unwraps_are_counted(provider: FileProvider) -> None:
    agent = LocalAgent(provider)
    fresh = agent.create("cas_1")
    for _ in range(3):
        agent.unwrap("rest", "cas_1", fresh.wrapped_rest)
    assert agent.unwraps() == 3


def test_many_keys_unwrap_as_each_alone_across_a_rotation(provider: FileProvider) -> None:
    agent = LocalAgent(provider)
    records = ["cas_1", "cas_2", "cas_3"]
    fresh = [agent.create(record) for record in records[:2]]
    agent.rotate()
    fresh.append(agent.create("cas_3"))
    wrapped = [one.wrapped_identity for one in fresh]
    assert agent.unwrap_many("identity", records, wrapped) == [one.identity.raw for one in fresh]
    assert agent.unwraps() == 3
    for half, others in (("rest", records), ("identity", records[::-1])):
        with pytest.raises(SealBroken):
            agent.unwrap_many(half, others, wrapped)


@pytest.mark.parametrize("broken", [b"", b"\1\0", b"\2\0\1" + bytes(60), b"\1\0\1" + bytes(9)])
def test_what_is_no_wrapped_key_does_not_unwrap_among_many(
    provider: FileProvider, broken: bytes
) -> None:
    with pytest.raises(SealBroken):
        LocalAgent(provider).unwrap_many("identity", ["cas_1"], [broken])


def test_after_a_rotation_old_keys_unwrap_until_they_are_destroyed(provider: FileProvider) -> None:
    agent = LocalAgent(provider)
    fresh = agent.create("cas_1")
    assert agent.rotate() == 2
    assert agent.unwrap("identity", "cas_1", fresh.wrapped_identity).raw == fresh.identity.raw
    again = agent.rewrap("identity", "cas_1", fresh.wrapped_identity)
    agent.destroy_old()
    assert agent.unwrap("identity", "cas_1", again).raw == fresh.identity.raw
    with pytest.raises(KeyUnavailable, match="destroyed"):
        agent.unwrap("identity", "cas_1", fresh.wrapped_identity)


@pytest.mark.parametrize("suite", list(Suite))
def test_a_key_that_has_opened_letters_is_let_go_when_it_is_destroyed(
    provider: FileProvider, suite: Suite
) -> None:
    agent, name = LocalAgent(provider), SEALED_TO[suite]
    first = agent.new_key(name)
    made = agent.opening_key(suite, first)
    assert agent.opening_key(suite, first) is made
    assert made.open(b"", hpke.seal(suite, made.public(), b"", b"letter")) == b"letter"
    agent.new_key(name)
    agent.destroy_key(name, first)
    assert hpke.opening_key.cache_info().currsize == 0
    with pytest.raises(KeyUnavailable, match="destroyed"):
        agent.opening_key(suite, first)


def test_an_agent_in_another_process_follows_a_rotation(provider: FileProvider) -> None:
    here, elsewhere = LocalAgent(provider), LocalAgent(provider)
    elsewhere.rotate()
    assert here.create("cas_1").version == 2
    assert here.unwrap("rest", "cas_9", elsewhere.create("cas_9").wrapped_rest)


def test_derived_keys_differ_by_label_and_survive_a_rotation(provider: FileProvider) -> None:
    agent = LocalAgent(provider)
    before = agent.derived("cursor")
    agent.rotate()
    assert agent.derived("cursor") == before
    assert agent.derived("backup") != before
    assert agent.keyed_hash("phone", b"1") != agent.keyed_hash("email", b"1")


def test_the_logs_key_signs_and_stays_through_rotation_and_destruction(
    provider: FileProvider,
) -> None:
    agent = LocalAgent(provider)
    public = Ed25519PublicKey.from_public_bytes(agent.public_key("log"))
    public.verify(agent.sign("log", b"checkpoint"), b"checkpoint")
    agent.rotate()
    agent.destroy_old()
    assert LocalAgent(provider).public_key("log") == public.public_bytes_raw()


def test_a_keyring_from_before_the_logs_key_gets_one_for_all_processes(
    provider: FileProvider,
) -> None:
    kept = provider.load()
    provider.save(
        replace(kept, keys={name: kept.keys[name] for name in kept.keys if name != "log"})
    )
    first, second = LocalAgent(provider), LocalAgent(provider)
    assert first.public_key("log") == second.public_key("log")
    assert second.rotate() == 2
    assert LocalAgent(provider).public_key("log") == first.public_key("log")


def test_only_signing_keys_sign(provider: FileProvider) -> None:
    for label in ("identity", "node", "other"):
        with pytest.raises(KeyUnavailable):
            LocalAgent(provider).sign(label, b"checkpoint")
