"""Deploy-time values, read once from `ASSISTANT_*` or `.env`; what compliance approves is in vertical.yaml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import Misconfigured
from assistant.watching.logs import LogFormat

IN_MEMORY = "sqlite+aiosqlite://"
"""The address of a database that is gone with the process."""


class Settings(BaseSettings):
    """What differs between a laptop and production. Only `app.py` and `cli.py` hold a settings object."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", env_file=".env", extra="ignore", frozen=True)

    rails_dir: Path = Field(Path("rails"), description="folder with one folder of rails per vertical")
    knowledge_dir: Path = Field(Path("knowledge"), description="folder with one folder of knowledge per vertical")
    data_dir: Path = Field(Path("data"), description="database, indexes and weights")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    keys_url: str = Field(
        "", description="SQLAlchemy URL of the keys that texts are sealed with; empty: keys.db in the data folder"
    )
    anchors_dir: Path | None = Field(
        None, description="folder that anchors of the audit chain are written to; empty: the data folder"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    console_port: int = Field(
        8090, ge=0, le=65535, description="port of the console where it is a process of its own; 0: there is none"
    )
    console_url: str = Field(
        "", description="address people reach that console under; empty: the host they asked, with that port"
    )
    allowed_hosts: str = Field("", description="further host names to answer to, comma separated; * for any")
    public_url: str = Field(
        "", description="address people reach the service under, like https://assistant.shop.example"
    )
    oidc_issuer: str = Field("", description="OpenID provider people may sign in with; empty: with a password alone")
    oidc_client_id: str = Field("", description="the client's name at that provider")
    oidc_client_secret: str = Field("", description="the client's secret at that provider")
    model_threads: int = Field(
        default_factory=lambda: max(1, min(8, (os.cpu_count() or 1) - 1)),
        ge=1,
        description="threads of the language model; one core is left for the checks",
    )
    model_slots: int = Field(2, ge=1, le=64, description="answers the local model writes at the same time")
    model_queue: int = Field(16, ge=0, description="requests that may wait for a slot; one more gets 503")
    context_tokens: int = Field(4096, ge=512, description="context window per slot, in tokens")
    model_home: Literal["shared", "worker"] = Field(
        "shared", description="with several workers: one process a model that all share, or the model in each worker"
    )
    model_server: str = Field(
        "", description="address of a llama.cpp server that runs the models; {model} in it is the name; empty: we do"
    )
    model_server_key: str = Field("", description="the key that opens that server", repr=False)
    drain_s: int = Field(20, ge=1, description="time that answers under way are given to end when we are stopped")
    embedder_threads: int = Field(
        1, ge=1, description="threads of the sentence embedder, and of the sums that checks do"
    )
    max_body_bytes: int = Field(1024 * 1024, ge=1024, description="largest chat request")
    max_messages: int = Field(200, ge=1, le=1000, description="messages of one chat request")
    max_message_characters: int = Field(20_000, ge=100, description="characters of one message, or of a text to check")
    max_history_characters: int = Field(200_000, ge=100, description="characters of all messages of a request together")
    max_documents: int = Field(100, ge=0, le=1000, description="documents that one request may bring")
    max_document_characters: int = Field(300_000, ge=100, description="characters of one such document")
    redis_url: str = Field(
        "", description="redis://… counts requests for all workers and machines; empty: each its own"
    )
    requests_per_minute: int = Field(600, ge=0, description="calls of one key; 0 for no limit, as with all that follow")
    tokens_per_minute: int = Field(0, ge=0, description="tokens of one key")
    streams: int = Field(32, ge=0, description="answers written at the same time for one key, by each worker")
    tokens_per_day: int = Field(0, ge=0, description="tokens of one key on one day (UTC)")
    usd_per_day: float = Field(0, ge=0, description="US dollars of one key on one day")
    wh_per_day: float = Field(0, ge=0, description="watt-hours of one key on one day")
    visitor_requests_per_minute: int = Field(20, ge=0, description="calls from one address with one embed token")
    visitor_streams: int = Field(
        2, ge=0, description="answers written at the same time for one address, by each worker"
    )
    visitor_tokens_per_day: int = Field(
        1_000_000, ge=0, description="tokens of all visitors with one embed token on one day"
    )
    visitor_usd_per_day: float = Field(
        0, ge=0, description="US dollars of all visitors with one embed token on one day"
    )
    visitor_wh_per_day: float = Field(0, ge=0, description="watt-hours of all visitors with one embed token on one day")
    address_requests_per_minute: int = Field(1200, ge=0, description="calls from one address, whatever key they bring")
    watts_per_core: float = Field(
        10.0, gt=0, description="power of one busy core, for the energy where the machine does not measure it; a guess"
    )
    grid_g_per_kwh: float = Field(
        473.0,
        ge=0,
        description="grams of CO2 a kilowatt-hour; world average of 2024 (Ember, Global Electricity Review)",
    )
    usd_per_kwh: float = Field(0, ge=0, description="price of a kilowatt-hour; 0 leaves electricity out of the money")
    resume_s: float = Field(
        15, ge=0, le=600, description="seconds a streamed answer goes on when its caller is gone; 0: not at all"
    )
    webhook_private: bool = Field(False, description="post webhooks to addresses that are not public, too")
    webhook_http: bool = Field(False, description="post webhooks without TLS, too")
    serve: Literal["folders", "published"] = Field(
        "folders", description="folders as they are, or only what was published"
    )
    log_format: LogFormat = Field("text", description="the log as lines to read, or as one JSON object a line")
    otel_endpoint: str = Field(
        "", description="OpenTelemetry collector that traces are sent to, like http://collector:4318; empty: nowhere"
    )
    offline: bool = Field(False, description="never try the network, not even for weights that were asked for")

    @property
    def url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'assistant.db'}"

    @property
    def subject_keys(self) -> str:
        """The address in force of the store of keys."""
        return self.keys_url or f"sqlite+aiosqlite:///{self.data_dir / 'keys.db'}"

    @property
    def is_kept(self) -> bool:
        """Whether what is recorded outlives the process."""
        return self.url != IN_MEMORY

    def in_memory(self) -> Settings:
        """The same settings for what is no conversation of anybody: nothing of it is recorded."""
        return self.model_copy(update={"database_url": IN_MEMORY, "keys_url": IN_MEMORY})


def read_settings() -> Settings:
    """The settings of this process; raises Misconfigured naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"ASSISTANT_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()
        )
        raise Misconfigured(wrong) from error
