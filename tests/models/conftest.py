"""The small model itself, loaded once, and a way to wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from assistant.models import Catalog, LlamaChat

CARD = Catalog().get("smollm2-135m")


@pytest.fixture(scope="session")
def gguf(weights_dir: Path) -> Path:
    return weights_dir / CARD.name / CARD.files[0].name


@pytest.fixture(scope="session")
def llama(gguf: Path) -> Iterator[LlamaChat]:
    model = LlamaChat(
        model_path=gguf, sha256=CARD.files[0].sha256, threads=1, slots=2, queue=4, context_tokens=2048, max_tokens=24
    )
    yield model
    model.close()


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    return _until


async def _until(true: Callable[[], bool], *, within_s: float) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 — what is waited for happens in a thread of llama.cpp
            await asyncio.sleep(0.005)
