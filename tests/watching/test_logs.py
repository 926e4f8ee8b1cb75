"""The log: lines or JSON, the id of the request in each, and never what was asked."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest

from assistant.watching.logs import JsonLines, ReadableLines, RequestMark, current_request

SECRET = "the parcel of Ada Byron"


@pytest.fixture
def into() -> Iterator[Callable[[logging.Formatter], io.StringIO]]:
    """Has what is logged to `test.log` written in a form."""
    logger, added = logging.getLogger("test.log"), []

    def write(form: logging.Formatter) -> io.StringIO:
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        handler.setFormatter(form)
        logger.addHandler(handler)
        added.append(handler)
        return stream

    logger.setLevel(logging.INFO)
    yield write
    for handler in added:
        logger.removeHandler(handler)


def fail() -> None:
    try:
        json.loads(SECRET)
    except ValueError as error:
        raise RuntimeError(f"could not read {SECRET!r}") from error


@pytest.mark.parametrize("form", [JsonLines, ReadableLines])
def test_an_exception_is_told_by_where_it_came_from_not_by_its_words(into, form):
    told = into(form())
    try:
        fail()
    except RuntimeError:
        logging.getLogger("test.log").exception("it failed")
    assert "RuntimeError" in told.getvalue() and "JSONDecodeError" in told.getvalue()
    assert "test_logs.py" in told.getvalue() and SECRET not in told.getvalue()


async def test_each_line_of_json_carries_the_request_it_belongs_to_and_the_facts(into):
    told = into(JsonLines())

    async def work(number: int) -> None:
        current_request.set(RequestMark(f"req-{number}"))
        await asyncio.sleep(0)
        logging.getLogger("test.log").info("done", extra={"facts": {"number": number}})
        await asyncio.to_thread(logging.getLogger("test.log").info, "in a thread")

    logging.getLogger("test.log").info("none")
    await asyncio.gather(work(1), work(2))
    lines = [json.loads(line) for line in told.getvalue().splitlines()]
    assert "request_id" not in lines[0] and lines[0]["level"] == "info"
    assert {(each["request_id"], each["number"]) for each in lines if "number" in each} == {("req-1", 1), ("req-2", 2)}
    assert sorted(each["request_id"] for each in lines if each["message"] == "in a thread") == ["req-1", "req-2"]


def test_a_forgotten_task_is_told_of_without_the_words_of_its_exception():
    record = logging.LogRecord(
        "asyncio", logging.ERROR, "", 0, f"never retrieved\nfuture: RuntimeError({SECRET!r})", None, None
    )
    assert SECRET not in ReadableLines().format(record)
