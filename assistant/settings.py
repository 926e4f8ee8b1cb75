"""Deploy-time values, read once from `ASSISTANT_*` or `.env`; what compliance approves is in vertical.yaml."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from assistant.errors import Misconfigured


class Settings(BaseSettings):
    """What differs between a laptop and production. Only `app.py` and `cli.py` hold a settings object."""

    model_config = SettingsConfigDict(env_prefix="ASSISTANT_", env_file=".env", extra="ignore", frozen=True)

    rails_dir: Path = Field(Path("rails"), description="folder with one folder of rails per vertical")
    knowledge_dir: Path = Field(Path("knowledge"), description="folder with one folder of knowledge per vertical")
    data_dir: Path = Field(Path("data"), description="database, indexes and weights")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in the data folder")
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 takes a free one")
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
    embedder_threads: int = Field(1, ge=1, description="threads of the sentence embedder")
    max_body_bytes: int = Field(1024 * 1024, ge=1024, description="largest chat request")
    redis_url: str = Field(
        "", description="redis://… counts requests for all workers and machines; empty: each its own"
    )
    requests_per_minute: int = Field(600, ge=0, description="calls of one key; 0 for no limit, as with all that follow")
    tokens_per_minute: int = Field(0, ge=0, description="tokens of one key")
    streams: int = Field(32, ge=0, description="answers written at the same time for one key, by each worker")
    tokens_per_day: int = Field(0, ge=0, description="tokens of one key on one day (UTC)")
    visitor_requests_per_minute: int = Field(20, ge=0, description="calls from one address with one embed token")
    visitor_streams: int = Field(
        2, ge=0, description="answers written at the same time for one address, by each worker"
    )
    visitor_tokens_per_day: int = Field(
        1_000_000, ge=0, description="tokens of all visitors with one embed token on one day"
    )
    address_requests_per_minute: int = Field(1200, ge=0, description="calls from one address, whatever key they bring")
    resume_s: float = Field(
        15, ge=0, le=600, description="seconds a streamed answer goes on when its caller is gone; 0: not at all"
    )
    webhook_private: bool = Field(False, description="post webhooks to addresses that are not public, too")
    webhook_http: bool = Field(False, description="post webhooks without TLS, too")
    serve: Literal["folders", "published"] = Field(
        "folders", description="folders as they are, or only what was published"
    )
    offline: bool = Field(False, description="never try the network, not even for weights that were asked for")

    @property
    def url(self) -> str:
        """The database address in force."""
        return self.database_url or f"sqlite+aiosqlite:///{self.data_dir / 'assistant.db'}"


def read_settings() -> Settings:
    """The settings of this process; raises Misconfigured naming the variable that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"ASSISTANT_{'_'.join(str(part) for part in e['loc']).upper()}: {e['msg']}" for e in error.errors()
        )
        raise Misconfigured(wrong) from error
