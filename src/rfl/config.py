"""Settings of a node, from `RFL_*` in the environment. Secrets have no default.

Nothing else reads the environment. `docs/operators.md` lists every setting; a test compares.
"""

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(ValueError):
    """A setting is wrong; the text names it and the rule, never the value."""


def _known_zone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("must be an IANA time zone")
    return value


def _kinds(value: str) -> str:
    if any(not kind.strip().replace("_", "").isalnum() for kind in value.split(",")):
        raise ValueError("must be kinds separated by commas")
    return value


def _budget(role: str) -> Any:
    """A budget changes the counts that it names, as `records_hour=120/300,exports_day=40/120`."""
    pattern = r"^([a-z_]{1,20}=[0-9]{1,12}/[0-9]{1,12}(,|$))*$"
    text = f"Counts=SOFT/HARD of a role, {role}; what is not named has its default."
    return Field("", pattern=pattern, description=text)


class Settings(BaseSettings):
    """One node's settings; each description is its documentation."""

    model_config = SettingsConfigDict(env_prefix="RFL_", extra="ignore", hide_input_in_errors=True)

    data: Path = Field(Path("rfl-data"), description="Folder of the embedded node's files.")
    database: str | None = Field(
        None,
        description="sqlite:///FILE or postgresql://HOST/NAME; default: rfl.db in RFL_DATA.",
    )
    database_wait_seconds: int = Field(
        60, ge=0, le=3_600, description="How long `rfl serve` and `rfl worker` wait for PostgreSQL."
    )
    keyring: Path | None = Field(
        None, description="Keyring file; default: keyring.json in RFL_DATA."
    )
    key_file: Path | None = Field(
        None, description="File with the master key, on another disk than the database."
    )
    passphrase: SecretStr | None = Field(
        None, description="Passphrase of the keyring, instead of RFL_KEY_FILE."
    )
    passphrase_file: Path | None = Field(
        None, description="File that holds the passphrase, as container secrets do."
    )
    society: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")] = Field(
        "unnamed", description="Code of the society that runs this node."
    )
    zone: Annotated[str, AfterValidator(_known_zone)] = Field(
        "UTC", description="The society's IANA time zone: today, due dates and budgets."
    )
    host: str = Field("127.0.0.1", description="Address that `rfl serve` listens on.")
    port: int = Field(8460, ge=0, le=65_535, description="Port of `rfl serve`; 0 takes any.")
    identifier_kinds: Annotated[str, AfterValidator(_kinds)] = Field(
        "phone,email,unhcr,icrc,agency",
        description="Identifiers that may be hashed for matching; state-issued ones are off.",
    )
    phone_region: Annotated[str, Field(pattern=r"^([A-Z]{2})?$")] = Field(
        "", description="Country whose prefix a phone number without one has; empty: none."
    )
    policy: Path | None = Field(
        None, description="File with the society's rules; default: the neutral profile."
    )
    list_max_bytes: int = Field(
        64 * 1024 * 1024, ge=1024, description="Largest list that the API takes at once."
    )
    body_max_bytes: int = Field(
        1024 * 1024, ge=1024, description="Largest JSON body that the API takes."
    )
    attachment_max_bytes: int = Field(
        20 * 1024 * 1024, ge=1024, description="Largest photo or document that the API takes."
    )
    token_days: int = Field(90, ge=1, le=400, description="Days that a new token is valid.")
    sign_in_minutes: int = Field(
        480, ge=5, le=1_440, description="Minutes that a sign-in with a password is valid."
    )
    glass_review_hours: int = Field(
        72, ge=1, le=720, description="Hours within which broken glass is reviewed."
    )
    log_host_dir: Path | None = Field(
        None, description="Folder on another machine that is given the access log's checkpoints."
    )
    sample_share: float = Field(
        0.001, ge=0, le=1, description="Share of pairs below the threshold shown to officers."
    )
    statement_names: bool = Field(
        False, description="Whether a statement to a person names who used their data."
    )
    log_days: int = Field(
        1096, ge=30, description="Days after which bodies of the access log end; proofs stay."
    )
    syslog: Annotated[str, Field(pattern=r"^([^\s:/]+:[0-9]{1,5})?$")] = Field(
        "",
        description="HOST:PORT that is sent the access log, syslog over TLS; empty: none.",
    )
    syslog_ca_file: Path | None = Field(
        None,
        description="Certificates that RFL_SYSLOG must lead to; default: the machine's.",
    )
    syslog_recipient: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")] = Field(
        "collector", description="Code of whoever runs RFL_SYSLOG, for the list of recipients."
    )
    syslog_keep_days: int = Field(
        365, ge=1, le=36_500, description="Days that the recipient keeps what RFL_SYSLOG is sent."
    )
    timestamp_url: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = Field(
        "", description="Authority that stamps checkpoints (RFC 3161), once an hour; empty: none."
    )
    timestamp_ca_file: Path | None = Field(
        None, description="Certificates that the authority's stamps must lead to."
    )
    base_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]{1,300})?$")] = Field(
        "", description="Address that other societies call; empty: no exchange."
    )
    society_name: Annotated[str, Field(max_length=200)] = Field(
        "", description="The society's name as others read it; default: RFL_SOCIETY."
    )
    contact: Annotated[str, Field(max_length=200)] = Field(
        "", description="Whom other societies call about the exchange; needed with RFL_BASE_URL."
    )
    exchange_branch: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,40}$")] = Field(
        "headquarters", description="Branch that decides about requests of other societies."
    )
    exchange_mode: Literal["live", "exercise"] = Field(
        "live", description="An exercise never mixes with what is live, and may use plain HTTP."
    )
    exchange_reach: Literal["called", "mailbox"] = Field(
        "called", description="`mailbox`: nobody can call this node, so it fetches its letters."
    )
    blob_bytes: int = Field(
        50_000_000, ge=65_536, le=2_000_000_000, description="Largest attachment of a peer."
    )
    peer_files_bytes: int = Field(
        2_000_000_000, ge=0, description="Most bytes of attachments that are kept of each peer."
    )
    tick_seconds: int = Field(
        300, ge=0, le=3_600, description="Envelopes leave at multiples of this; 0 in exercises."
    )
    exchange_batch: int = Field(
        32, ge=1, le=32, description="Most envelopes that other societies may send in a request."
    )
    calls_minute: int = Field(
        6_000, ge=60, description="Most calls of each account in a minute, in each process."
    )
    peer_calls_minute: int = Field(
        6_000, ge=60, description="Most calls of each other society in a minute, in each process."
    )
    attest_seconds: int = Field(
        86_400, ge=0, le=86_400, description="How long an attestation waits; less in exercises."
    )
    minimum_suite: Literal["S1", "S2"] = Field(
        "S1", description="Weakest suite of an envelope that is taken; S2 withstands quantum."
    )
    peer_ca_file: Path | None = Field(
        None, description="Certificates that peers' addresses lead to; default: the machine's."
    )
    peer_networks: str = Field(
        "", description="Private networks that peers may be in, as 10.8.0.0/16; empty: none."
    )
    oidc_issuer: Annotated[str, Field(pattern=r"^(https?://[^\s?#]{1,300})?$")] = Field(
        "", description="Identity provider, as `iss` of its access tokens; empty: none."
    )
    oidc_audience: Annotated[str, Field(max_length=255)] = Field(
        "", description="This node, as `aud` of the provider's access tokens."
    )
    oidc_keys_url: Annotated[str, Field(pattern=r"^(https?://\S{1,500})?$")] = Field(
        "", description="Address of the provider's keys (JWKS); https, or this machine."
    )
    oidc_algorithms: str = Field(
        "RS256,PS256,ES256,Ed25519", description="Signatures of access tokens that are taken."
    )
    oidc_ca_file: Path | None = Field(
        None,
        description="Certificates that RFL_OIDC_KEYS_URL must lead to; default: the machine's.",
    )
    tls_cert_file: Path | None = Field(
        None, description="Certificate of `rfl serve` with its chain; then TLS 1.3 alone is spoken."
    )
    tls_key_file: Path | None = Field(
        None, description="Private key of RFL_TLS_CERT_FILE, readable by the node alone."
    )
    budget_intake_volunteer: str = _budget("intake volunteer")
    budget_tracing_officer: str = _budget("tracing officer")
    budget_supervisor: str = _budget("supervisor")
    budget_data_protection_officer: str = _budget("data protection officer")
    budget_auditor: str = _budget("auditor")
    budget_administrator: str = _budget("administrator")
    budget_service: str = _budget("service")
    alarm_webhook: Annotated[str, Field(pattern=r"^(https?://\S+)?$")] = Field(
        "", description="Address that alarms are posted to, signed; empty: none."
    )
    alarm_webhook_secret_file: Path | None = Field(
        None, description="File with the secret that RFL_ALARM_WEBHOOK is signed with."
    )
    alarm_smtp: Annotated[str, Field(pattern=r"^([^\s:/]+:[0-9]{1,5})?$")] = Field(
        "", description="HOST:PORT of the mail server that takes alarms; empty: none."
    )
    alarm_smtp_security: Literal["starttls", "implicit", "none"] = Field(
        "starttls", description="How RFL_ALARM_SMTP is secured; `none` on the same machine alone."
    )
    alarm_smtp_user: str = Field("", description="Name at RFL_ALARM_SMTP; empty: none.")
    alarm_smtp_password_file: Path | None = Field(
        None, description="File with the password of RFL_ALARM_SMTP_USER."
    )
    alarm_mail_from: Annotated[str, Field(pattern=r"^([^\s@]+@[^\s@]+)?$")] = Field(
        "", description="Address that alarms come from."
    )
    alarm_mail_to: str = Field("", description="Addresses that alarms go to, with commas.")
    alarm_syslog: Annotated[str, Field(pattern=r"^([^\s:/]+:[0-9]{1,5})?$")] = Field(
        "", description="HOST:PORT that is sent alarms, syslog over TLS; empty: none."
    )
    alarm_ca_file: Path | None = Field(
        None, description="Certificates of RFL_ALARM_SMTP and RFL_ALARM_SYSLOG."
    )
    matcher: Literal["inside", "off"] = Field(
        "inside",
        description="Whether this process matches. Searches find everybody in either case.",
    )
    equivalents: Path | None = Field(
        None, description="JSON file with a society's own names that are one name."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is logged."
    )


def load(**overrides: object) -> Settings:
    """Return the settings of this process, or raise SettingsError naming the wrong one."""
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        name = "RFL_" + "_".join(str(part) for part in first["loc"]).upper()
        raise SettingsError(f"{name}: {first['msg']}") from None


def zone_of(settings: Settings) -> ZoneInfo:
    """Return the society's time zone."""
    return ZoneInfo(settings.zone)
