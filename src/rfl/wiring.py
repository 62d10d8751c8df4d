"""Settings into a runtime: the one place that chooses implementations."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from rfl import config
from rfl.audit.bells import Bell, Mail, Syslog, Webhook
from rfl.config import Settings
from rfl.crypto import hpke_check
from rfl.crypto.agent import LocalAgent
from rfl.crypto.hpke import Suite
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain import budget
from rfl.domain.access import Role
from rfl.domain.person import IdentifierKind
from rfl.domain.policy import Profile
from rfl.errors import InvalidInput, KeyUnavailable, Misconfigured
from rfl.exchange.addresses import parse_networks
from rfl.exchange.descriptor import CODE, Limits, Mode, Reach
from rfl.exchange.network import ATTEST_SECONDS, Network
from rfl.exchange.transport import Transport
from rfl.flows.rematch import begin_rematch
from rfl.flows.rules import Collector, Rules, Stamping
from rfl.flows.runtime import Runtime
from rfl.flows.upgrade import upgrade_tables
from rfl.interchange.profile import read_profile, shipped_profile
from rfl.matching.tokens import use_equivalents
from rfl.signin.access_token import ALGORITHMS, Expected
from rfl.signin.fetching import KeyAddress
from rfl.signin.issuer import Issuer
from rfl.storage import migrate
from rfl.storage.database import Database

_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")
LEAST_SECRET = 24


def settings(**overrides: object) -> Settings:
    """Return the settings of this process, or raise Misconfigured naming the wrong one."""
    try:
        return config.load(**overrides)
    except config.SettingsError as error:
        raise Misconfigured(str(error)) from None


def runtime(chosen: Settings) -> Runtime:
    """Return the runtime of an initialised node, or raise Misconfigured or KeyUnavailable."""
    agent = LocalAgent(provider(chosen))
    use_own_names(chosen)
    database = database_of(chosen)
    if migrate.current(database) != migrate.newest():
        raise Misconfigured("The database is of another version: run `rfl db upgrade`.")
    if chosen.base_url:
        hpke_check.check()
    made = Runtime(database=database, agent=agent, rules=rules(chosen), clock=_utc_now)
    made.issuer = issuer(chosen)
    return made


def prepare(chosen: Settings) -> Runtime:
    """Make keys and tables of a new node and return its runtime; nothing is ever overwritten."""
    if chosen.key_file is not None and not chosen.key_file.exists():
        make_key_file(chosen.key_file)
    keyring = provider(chosen)
    if keyring.exists():
        raise Misconfigured("There is a node already: its keyring exists.")
    database = database_of(chosen)
    if migrate.current(database) is not None:
        raise KeyUnavailable("There is a database already, but its keyring is not here.")
    keyring.create()
    migrate.upgrade(database)
    made = runtime(chosen)
    # Nobody is there yet, so by today's rules everybody was compared.
    begin_rematch(made)
    return made


def upgrade(chosen: Settings) -> str | None:
    """Bring the database to this version's tables; return the revision reached."""
    return upgrade_tables(database_of(chosen), _utc_now())


def provider(chosen: Settings) -> FileProvider:
    """Return the keyring's provider, or raise KeyUnavailable if no secret is given."""
    path = chosen.keyring or chosen.data / "keyring.json"
    if chosen.key_file is not None:
        return FileProvider(path, key_file=chosen.key_file)
    secret = _passphrase(chosen)
    if secret is None:
        rule = "Set RFL_KEY_FILE, RFL_PASSPHRASE_FILE or RFL_PASSPHRASE: keys have no default."
        raise KeyUnavailable(rule)
    return FileProvider(path, passphrase=secret)


def database_of(chosen: Settings) -> Database:
    """Return the node's database."""
    return Database(chosen.database or f"sqlite:///{_file(chosen)}")


def use_own_names(chosen: Settings) -> None:
    """Let the matcher use the society's own equivalents, or raise Misconfigured."""
    try:
        use_equivalents(chosen.equivalents.read_bytes() if chosen.equivalents else b"")
    except OSError:
        raise Misconfigured("RFL_EQUIVALENTS is not a file that can be read.") from None
    except InvalidInput as error:
        raise Misconfigured(f"RFL_EQUIVALENTS: {error.field}: {error.rule}.") from None


def rules(chosen: Settings) -> Rules:
    """Return the society's rules for flows, or raise Misconfigured."""
    try:
        named = (kind.strip() for kind in chosen.identifier_kinds.split(","))
        kinds = frozenset(IdentifierKind(kind) for kind in named)
    except ValueError:
        raise Misconfigured("RFL_IDENTIFIER_KINDS names an unknown kind.") from None
    return Rules(
        society=chosen.society,
        zone=config.zone_of(chosen),
        identifier_kinds=kinds,
        phone_region=chosen.phone_region or None,
        token_days=chosen.token_days,
        sign_in_minutes=chosen.sign_in_minutes,
        glass_review_hours=chosen.glass_review_hours,
        log_host=chosen.log_host_dir,
        sample_share=chosen.sample_share,
        statement_names=chosen.statement_names,
        log_days=chosen.log_days,
        collector=_collector(chosen),
        stamping=_stamping(chosen),
        policy=_policy(chosen.policy),
        network=_network(chosen),
        calls=chosen.calls_minute,
        peer_calls=chosen.peer_calls_minute,
        bells=tuple(_bells(chosen)),
        budgets={role: _limits(chosen, role) for role in budget.DEFAULTS},
    )


def _bells(chosen: Settings) -> Iterator[Bell]:
    """Yield the ways by which people are told of alarms, beside the process's log."""
    if chosen.alarm_webhook:
        if not _is_private(chosen.alarm_webhook):
            raise Misconfigured("RFL_ALARM_WEBHOOK needs https, but on this machine.")
        secret = _secret(chosen.alarm_webhook_secret_file, "RFL_ALARM_WEBHOOK_SECRET_FILE")
        if len(secret) < LEAST_SECRET:
            raise Misconfigured("RFL_ALARM_WEBHOOK_SECRET_FILE needs 24 characters or more.")
        yield Webhook(chosen.alarm_webhook, secret.encode("utf-8"))
    if chosen.alarm_smtp:
        yield _mail(chosen)
    if chosen.alarm_syslog:
        host, _, port = chosen.alarm_syslog.rpartition(":")
        yield Syslog(host, int(port), chosen.alarm_ca_file)


def _mail(chosen: Settings) -> Mail:
    host, _, port = chosen.alarm_smtp.rpartition(":")
    recipients = [one.strip() for one in chosen.alarm_mail_to.split(",") if one.strip()]
    if not chosen.alarm_mail_from or not recipients:
        raise Misconfigured("RFL_ALARM_SMTP needs RFL_ALARM_MAIL_FROM and RFL_ALARM_MAIL_TO.")
    if chosen.alarm_smtp_security == "none" and host not in {"127.0.0.1", "localhost"}:
        raise Misconfigured("RFL_ALARM_SMTP_SECURITY may be none on the same machine alone.")
    password = ""
    if chosen.alarm_smtp_user:
        password = _secret(chosen.alarm_smtp_password_file, "RFL_ALARM_SMTP_PASSWORD_FILE")
    return Mail(
        host=host,
        port=int(port),
        security=chosen.alarm_smtp_security,
        sender=chosen.alarm_mail_from,
        recipients=recipients,
        user=chosen.alarm_smtp_user,
        password=password,
        ca_file=chosen.alarm_ca_file,
    )


def _secret(path: Path | None, setting: str) -> str:
    try:
        if path is None:
            raise FileNotFoundError
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise Misconfigured(f"{setting} is not a file that can be read.") from cause


def _limits(chosen: Settings, role: Role) -> budget.Limits:
    try:
        return budget.parse_limits(getattr(chosen, f"budget_{role}"), budget.DEFAULTS[role])
    except InvalidInput as error:
        raise Misconfigured(f"RFL_BUDGET_{role.upper()} {error.rule}.") from None


def transport(chosen: Settings) -> Transport | None:
    """Return what carries letters to other societies, or None for a node without an address."""
    if not chosen.base_url:
        return None
    networks = parse_networks(chosen.peer_networks)
    plain = chosen.exchange_mode == "exercise"
    return Transport(chosen.peer_ca_file, plain=plain, networks=networks)


def _is_private(url: str) -> bool:
    address = urlsplit(url)
    return address.scheme == "https" or address.hostname in _THIS_MACHINE


def issuer(chosen: Settings) -> Issuer | None:
    """Return the society's identity provider, or None for a node without one."""
    if not chosen.oidc_issuer:
        return None
    if not _is_private(chosen.oidc_keys_url):
        raise Misconfigured("RFL_OIDC_ISSUER needs RFL_OIDC_KEYS_URL with https.")
    if not chosen.oidc_audience:
        raise Misconfigured("RFL_OIDC_ISSUER needs RFL_OIDC_AUDIENCE.")
    algorithms = frozenset(one.strip() for one in chosen.oidc_algorithms.split(","))
    if not algorithms <= ALGORITHMS:
        raise Misconfigured(f"RFL_OIDC_ALGORITHMS must be of {', '.join(sorted(ALGORITHMS))}.")
    expected = Expected(chosen.oidc_issuer, chosen.oidc_audience, algorithms)
    return Issuer(expected, KeyAddress(chosen.oidc_keys_url, chosen.oidc_ca_file).fetch)


def _network(chosen: Settings) -> Network | None:
    if not chosen.base_url:
        return None
    live = chosen.exchange_mode == "live"
    if live and not (chosen.base_url.startswith("https://") and chosen.tick_seconds):
        rule = "A live exchange needs https in RFL_BASE_URL, and RFL_TICK_SECONDS above 0."
        raise Misconfigured(rule)
    if live and chosen.attest_seconds != ATTEST_SECONDS:
        raise Misconfigured("RFL_ATTEST_SECONDS is a day, except in an exercise.")
    if not re.fullmatch(CODE, chosen.society) or not chosen.contact:
        raise Misconfigured("RFL_BASE_URL needs RFL_CONTACT, and RFL_SOCIETY begins with a letter.")
    return Network(
        code=chosen.society,
        name=chosen.society_name or chosen.society,
        base_url=chosen.base_url,
        contact=chosen.contact,
        branch=chosen.exchange_branch,
        mode=Mode(chosen.exchange_mode),
        reach=Reach(chosen.exchange_reach),
        limits=Limits(blob_bytes=chosen.blob_bytes, batch=chosen.exchange_batch),
        tick_seconds=chosen.tick_seconds,
        attest_seconds=chosen.attest_seconds,
        peer_files_bytes=chosen.peer_files_bytes,
        minimum_suite=Suite(chosen.minimum_suite),
    )


def _collector(chosen: Settings) -> Collector | None:
    if not chosen.syslog:
        return None
    host, _, port = chosen.syslog.rpartition(":")
    return Collector(
        host=host,
        port=int(port),
        recipient=chosen.syslog_recipient,
        keep_days=chosen.syslog_keep_days,
        ca_file=chosen.syslog_ca_file,
    )


def _stamping(chosen: Settings) -> Stamping | None:
    if not chosen.timestamp_url:
        return None
    if chosen.timestamp_ca_file is None:
        raise Misconfigured("RFL_TIMESTAMP_URL needs RFL_TIMESTAMP_CA_FILE.")
    return Stamping(chosen.timestamp_url, chosen.timestamp_ca_file)


def _policy(path: Path | None) -> Profile:
    if path is None:
        return shipped_profile("neutral")
    try:
        return read_profile(path.read_bytes())
    except OSError as cause:
        raise Misconfigured("RFL_POLICY cannot be read.") from cause


def _file(chosen: Settings) -> Path:
    chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    return chosen.data / "rfl.db"


def _passphrase(chosen: Settings) -> str | None:
    if chosen.passphrase is not None:
        return chosen.passphrase.get_secret_value()
    if chosen.passphrase_file is None:
        return None
    try:
        return chosen.passphrase_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise KeyUnavailable("RFL_PASSPHRASE_FILE cannot be read.") from cause


def _utc_now() -> datetime:
    return datetime.now(UTC)
