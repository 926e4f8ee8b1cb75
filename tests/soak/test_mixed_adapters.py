"""Three hundred requests at once over a base and its adapters: each gets the text that it gets alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from langchain_core.messages import HumanMessage

from assistant.models import Catalog, Loading, Models

pytestmark = pytest.mark.soak
NAMES = ("smollm2-135m", "medical-sections", "marketing-requests", "feedback-requests")
REQUESTS, AT_ONCE, TOKENS = 300, 48, 24
KNOWLEDGE = Path(__file__).parents[2] / "knowledge"


@pytest.fixture(scope="module")
async def models(weights_dir: Path) -> AsyncIterator[Models]:
    opened = Models(Catalog(), Loading(weights_dir, threads=2, slots=4, queue=AT_ONCE, context_tokens=1024))
    yield opened
    await opened.aclose()


def requests() -> list[tuple[str, str]]:
    """No two alike, neighbours never for the same adapter; what is shared is where a cache could lead astray."""
    paragraphs = sorted(
        {text for file in KNOWLEDGE.glob("*/documents/*.md") for text in file.read_text().split("\n\n")}
    )
    told = [text for text in paragraphs if 60 <= len(text) <= 600][: REQUESTS // len(NAMES)]
    return [(name, f"{text}\n\nIn other words:") for text in told for name in NAMES]


async def test_three_hundred_mixed_requests_get_the_text_that_each_gets_alone(models: Models):
    room = asyncio.Semaphore(AT_ONCE)

    async def said(name: str, prompt: str) -> str:
        async with room:
            return (await models.open(name).ainvoke([HumanMessage(prompt)], max_tokens=TOKENS)).text

    asked = requests()
    assert len(asked) == len(set(asked)) == REQUESTS
    began = time.perf_counter()
    alone = [await said(*each) for each in asked]
    middle = time.perf_counter()
    mixed = await asyncio.gather(*(said(*each) for each in asked))
    took = time.perf_counter() - middle
    other = [(*each, one, two) for each, one, two in zip(asked, alone, mixed, strict=True) if one != two]
    print(f"{len(asked)} alone {middle - began:.0f} s, {AT_ONCE} at once {took:.0f} s, {len(other)} texts differ")
    for each in other:
        print(*map(repr, each), sep="\n  ")
    by_adapter = [alone[place : place + len(NAMES)] for place in range(0, REQUESTS, len(NAMES))]
    assert sum(len(set(texts)) > 1 for texts in by_adapter) >= 0.95 * len(by_adapter)  # Adapters tell in the texts.
    assert not other
