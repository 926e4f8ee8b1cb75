"""Each part as the settings say; `app.py` joins them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from assistant.access import Allowance, Budgets, Limits, OidcProvider
from assistant.embedding import SentenceEmbedder
from assistant.errors import Misconfigured
from assistant.models import Catalog, Loading, Loan, Models, Reach, ServerAddress, verify
from assistant.settings import Settings
from assistant.usage import Meter, energy_counter

if TYPE_CHECKING:
    from assistant.api import Sizes

EMBEDDER = "all-minilm-l6-v2"
REMEMBERED_TEXTS = 16_384
"""Texts whose vectors are kept, 1.5 kB each: every sentence of some hundred documents."""


def open_catalog(settings: Settings) -> Catalog:
    """The shipped model cards and those in `data/models`."""
    own = settings.data_dir / "models"
    return Catalog([own] if own.is_dir() else [])


def open_embedder(settings: Settings, catalog: Catalog, *, remember: int = REMEMBERED_TEXTS) -> SentenceEmbedder:
    """The sentence embedder; raises ModelUnavailable naming the command that fetches it."""
    limit_threads(settings)
    weights = settings.data_dir / "weights"
    verify(catalog.get(EMBEDDER), weights)
    return SentenceEmbedder(weights / EMBEDDER, threads=settings.embedder_threads, remember=remember)


def limit_threads(settings: Settings) -> None:
    """Lets NumPy use as many threads as the embedder, in this process and from now on."""
    # The guards multiply small matrices. BLAS would give each of these a thread a core, and threads that wait for one
    # another in loops: beside a busy llama.cpp 70 ms for one sentence in place of 1.6 (CPU time, 2 cores, 2026-11).
    threadpool_limits(settings.embedder_threads, user_api="blas")


def open_models(settings: Settings, catalog: Catalog, *, keeper: Path | None = None) -> Models:
    """The language models by name, each loaded when first used: here, by the `keeper`, or on the server that is set."""

    def reach(name: str) -> Reach:
        return Loan(keeper, name) if keeper else ServerAddress(settings.model_server, settings.model_server_key, name)

    elsewhere = keeper is not None or settings.model_server
    return Models(catalog, loading(settings), reach=reach if elsewhere else None)


def loading(settings: Settings) -> Loading:
    """How this machine loads models."""
    return Loading(
        settings.data_dir / "weights",
        settings.model_threads,
        settings.model_slots,
        settings.model_queue,
        settings.context_tokens,
    )


def open_meter(settings: Settings) -> Meter:
    """What tells the energy of each answer: the machine where it measures it, else an estimate."""
    counter = energy_counter(watts_per_core=settings.watts_per_core)
    return Meter(counter, usd_per_kwh=settings.usd_per_kwh, grid_g_per_kwh=settings.grid_g_per_kwh)


def open_limits(settings: Settings, budgets: Budgets) -> Limits:
    """What keys and visitors may use; raises Misconfigured when Redis's address cannot be used."""
    keys = Allowance(
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        streams=settings.streams,
        tokens_per_day=settings.tokens_per_day,
        usd_per_day=settings.usd_per_day,
        wh_per_day=settings.wh_per_day,
    )
    visitors = Allowance(
        requests_per_minute=settings.visitor_requests_per_minute,
        tokens_per_minute=0,
        streams=settings.visitor_streams,
        tokens_per_day=settings.visitor_tokens_per_day,
        usd_per_day=settings.visitor_usd_per_day,
        wh_per_day=settings.visitor_wh_per_day,
    )
    return Limits(
        budgets,
        keys=keys,
        visitors=visitors,
        requests_per_minute_of_address=settings.address_requests_per_minute,
        redis_url=settings.redis_url,
    )


def open_sizes(settings: Settings) -> Sizes:
    """How large the parts of a request may be."""
    from assistant.api import Sizes

    return Sizes(
        messages=settings.max_messages,
        message_characters=settings.max_message_characters,
        history_characters=settings.max_history_characters,
        documents=settings.max_documents,
        document_characters=settings.max_document_characters,
    )


def open_oidc(settings: Settings) -> OidcProvider | None:
    """The provider people may sign in with; None where none is set."""
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise Misconfigured("ASSISTANT_OIDC_ISSUER needs ASSISTANT_OIDC_CLIENT_ID beside it")
    return OidcProvider(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret)
