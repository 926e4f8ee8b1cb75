"""Every text of the console stands in both languages, with the same placeholders."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from assistant import console
from assistant.console.tongues import TONGUES, read_words
from assistant.evals.metrics import METRICS

ROOM = Path(console.__file__).parent
PAGES = sorted(file.stem for file in (ROOM / "words" / "en").glob("*.yaml"))


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_both_languages_have_the_same_pages():
    for tongue in TONGUES:
        assert sorted(file.stem for file in (ROOM / "words" / tongue).glob("*.yaml")) == PAGES


@pytest.mark.parametrize("page", PAGES)
def test_both_languages_have_the_same_texts(page):
    english, italian = (read_words(tongue, page) for tongue in ("en", "it"))
    assert list(english) == list(italian)
    assert all(italian.values()) and all(english.values())
    for key, text in english.items():
        assert placeholders(text) == placeholders(italian[key]), key


def test_no_page_holds_a_text_of_its_own():
    """What is handed to an element as text comes from the words."""
    for file in ROOM.rglob("*.py"):
        found = re.findall(r'(?:heading|button|notice|empty|card)\("[^"]*[a-z]{3}[^"]*"', file.read_text("utf-8"))
        assert not found, file


def test_every_metric_a_model_is_chosen_by_has_a_name_on_the_page():
    named = {key.removeprefix("metric_") for key in read_words("en", "choice") if key.startswith("metric_")}
    assert set(METRICS) <= named
