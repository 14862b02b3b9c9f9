"""Settings: environment variables ``FANARCHIVE_…`` over a TOML file over defaults."""

from __future__ import annotations

import os
import secrets
from importlib.util import find_spec
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, FilePath, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

_THIS_MACHINE = frozenset({"localhost", "127.0.0.1", "::1"})

_EXPORTER = "opentelemetry.exporter"


def is_safe_address(url: str) -> bool:
    """Whether what is sent there is read by nobody on the way: https, or http on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _THIS_MACHINE))


class Settings(BaseSettings):
    """Everything that can be set. A TOML file is named by ``FANARCHIVE_CONFIG``."""

    model_config = SettingsConfigDict(env_prefix="FANARCHIVE_", extra="forbid")

    data_dir: Path = Path("data")
    """The folder of the SQLite database, the index, the secret key and spooled files."""
    database_url: str = ""
    """``postgresql+psycopg://…``; SQLite in the data folder when empty."""
    read_database_url: str | None = None
    """A replica (a hot standby) for what guests read and for the index; each host may have its own."""
    database_wait: float = Field(default=15.0, ge=0)
    """Seconds that a request waits for a statement at PostgreSQL before it is answered with 503; 0 for ever."""
    replica_lag_max: float = Field(default=60.0, gt=0)
    """Seconds that the replica may lag before reads go to the primary."""
    drain_seconds: float = Field(default=0.0, ge=0, le=300)
    """Seconds between the signal to stop and the stop; `/readyz` answers 503, so that a proxy goes elsewhere."""
    secret_key: SecretStr | None = None
    """Signs cursors; made and kept in the data folder if it is not set. Set the same one on all hosts."""
    cors_credential_origins: list[str] = Field(default_factory=list)
    """Origins whose pages may send credentials; pages of any origin may read without."""
    threads: int = Field(default=16, ge=1, le=256)
    """Threads that answer requests, and connections to the database for each kind of use, of one process."""
    log_format: Literal["json", "console"] = "json"
    """Logs as JSON lines, or for reading in a terminal."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level that is logged."""
    embedded_images: Literal["show", "link"] = "show"
    """Whether images of other sites stay in texts or become links."""
    cover_fonts: list[FilePath] = Field(default_factory=list)
    """Fonts (TrueType, OpenType) for the covers of books whose titles have letters that our own font lacks."""
    max_body_bytes: int = Field(default=1_048_576, ge=1)
    """The largest body of a request that is not an import."""
    max_work_bytes: int = Field(default=33_554_432, ge=1)
    """The same where works and chapters are written."""
    max_import_bytes: int = Field(default=17_179_869_184, ge=1)
    """The largest body of an import by an operator or admin."""
    max_member_import_bytes: int = Field(default=268_435_456, ge=1)
    """The same for members."""
    imports_at_once: int = Field(default=20, ge=1)
    """Unfinished imports of one member."""
    import_workers: int = Field(default=1, ge=0, le=64)
    """Processes beside `fanarchive serve` that work on imports; none where `fanarchive work` does."""
    import_kept_days: int = Field(default=90, ge=1)
    """Days after which the report of an import is deleted, and the import can no longer be undone."""
    summary_limit: int = 1_250
    """Characters of text in a summary that is written over the API."""
    import_summary_limit: int = 10_000
    """The same in an import."""
    notes_limit: int = 5_000
    """Characters of text in notes."""
    chapter_min: int = 10
    """Fewest characters of text in a chapter that is written over the API."""
    chapter_max: int = 510_000
    """Most characters of text in a chapter."""
    tags_limit: int = 75
    """Fandoms, characters, relationships and freeforms together of a work that is written over the API."""
    import_tags_limit: int = 1_000
    """Tags of an imported work."""
    import_file_seconds: float = Field(default=60.0, gt=0, le=3_600)
    """Seconds that reading one file may take."""
    import_file_memory: int = Field(default=1_610_612_736, ge=268_435_456)
    """Bytes of memory that reading one file may take."""
    import_archive_entries: int = Field(default=100_000, ge=1)
    """Most files in a ZIP or TAR that is imported."""
    import_archive_bytes: int = Field(default=20_000_000_000, ge=1)
    """Most bytes of such an archive, and of what it unpacks to."""
    registration: Literal["open", "invite", "closed"] = "open"
    """Who may make an account over the API: anybody, those with an invitation, or nobody."""
    session_days: int = Field(default=30, ge=1, le=3_650)
    """Days that a session lasts."""
    password_time_cost: int = Field(default=2, ge=1, le=100)
    """Rounds of argon2id for a password; older hashes are replaced at the next sign-in."""
    password_memory_kib: int = Field(default=19_456, ge=8, le=4_194_304)
    """Memory of argon2id for a password."""
    mail_url: SecretStr = SecretStr("")
    """``smtp://user:password@host:587`` (with STARTTLS where the server has it) or ``smtps://…``.

    If it is empty, mails are written to the log.
    """
    mail_from: str = "Fanarchive <fanarchive@localhost>"
    """The sender of mails."""
    public_url: str = ""
    """The address at which people reach this server: ``https://archive.example``; used in mails."""
    confirm_email: Literal["on", "off"] = "off"
    """Whether an account has to confirm its e-mail address before it may write."""
    rate_limits: Literal["on", "off"] = "on"
    """Whether requests are limited; `off` for load tests."""
    rate_limit_read: int = Field(default=6_000, ge=1)
    """Reads per minute of one account, operator's token or address (for IPv6 a /64)."""
    rate_limit_search: int = Field(default=1_200, ge=1)
    """Searches per minute: with words or facets, passages, autocomplete."""
    rate_limit_write: int = Field(default=600, ge=1)
    """Writes per minute."""
    rate_limit_download: int = Field(default=240, ge=1)
    """Files of works, series and authors per minute."""
    rate_limit_sign_in: int = Field(default=60, ge=1)
    """Per minute, together: registering, signing in, changing passwords, codes."""
    rate_limit_report: int = Field(default=20, ge=1)
    """Reports per minute."""
    oidc_issuer: str = ""
    """The OpenID provider where people may sign in: its issuer, ``https://…``. Needs the extra ``oidc``."""
    oidc_client_id: str = ""
    """The id of this archive at the provider."""
    oidc_client_secret: SecretStr = SecretStr("")
    """The secret that the provider gave; none for a public client."""
    oidc_label: str = "OpenID"
    """The label of the sign-in button in clients."""
    oidc_redirect_uris: list[str] = Field(default_factory=list)
    """Where people may come back to from the provider, each compared character by character."""
    security_contact: str = ""
    """``mailto:…`` or ``https://…`` for ``/.well-known/security.txt``."""
    security_expires: str = "2027-12-31T00:00:00Z"
    """Until when that contact is valid (RFC 9116)."""
    kept_answers_mb: int = Field(default=64, ge=0)
    """Megabytes of answers that each process caches for guests; 0 caches none."""
    otel_endpoint: str = ""
    """Where traces are sent, OTLP over HTTP: ``http://collector:4318``; none if empty. Needs the extra ``otel``."""
    otel_share: float = Field(default=0.1, ge=0, le=1)
    """The share of traces that is sent."""
    after_change_wait: float = 5.0
    """Seconds that a search waits for ``after_change``."""

    @model_validator(mode="after")
    def _default_database(self) -> Settings:
        if not self.database_url:
            self.database_url = f"sqlite:///{self.data_dir / 'fanarchive.db'}"
        return self

    @model_validator(mode="after")
    def _whole_openid(self) -> Settings:
        """Whatever is missing is told at the start, not to the first who signs in."""
        if not self.oidc_issuer:
            return self
        if find_spec("authlib") is None or find_spec("httpx2") is None:
            raise ValueError("FANARCHIVE_OIDC_ISSUER needs the extra `oidc`: pip install 'fanarchive[oidc]'")
        if not self.oidc_client_id or not self.oidc_redirect_uris:
            raise ValueError("FANARCHIVE_OIDC_ISSUER needs FANARCHIVE_OIDC_CLIENT_ID and FANARCHIVE_OIDC_REDIRECT_URIS")
        if not is_safe_address(self.oidc_issuer):
            raise ValueError("FANARCHIVE_OIDC_ISSUER has to be an https address (http on this machine alone)")
        return self

    @model_validator(mode="after")
    def _whole_tracing(self) -> Settings:
        if self.otel_endpoint and (find_spec("opentelemetry.sdk") is None or find_spec(_EXPORTER) is None):
            raise ValueError("FANARCHIVE_OTEL_ENDPOINT needs the extra `otel`: pip install 'fanarchive[otel]'")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  no .env files: one way is enough
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then the environment, then the TOML file."""
        name = os.environ.get("FANARCHIVE_CONFIG")
        toml = (TomlConfigSettingsSource(settings_cls, Path(name)),) if name else ()
        return (init_settings, env_settings, *toml)

    @property
    def index_dir(self) -> Path:
        """Where the search index lies."""
        return self.data_dir / "index"

    @property
    def spool_dir(self) -> Path:
        """Where bodies wait to be worked on."""
        return self.data_dir / "spool"

    def secret(self) -> bytes:
        """The key that signs cursors; made on first use and kept with mode 0600."""
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        path = self.data_dir / "secret.key"
        if not path.exists():
            self.data_dir.mkdir(parents=True, exist_ok=True)
            temporary = path.with_suffix(f".{os.getpid()}")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(temporary, path)
            except FileExistsError:
                pass  # another process was first; its key counts
            finally:
                temporary.unlink()
        return path.read_bytes().strip()
