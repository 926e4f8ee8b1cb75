from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from assistant.errors import RailsUnavailable
from assistant.guards.phrases import PhraseGuard


def test_phrases_count_as_whole_words_in_any_case():
    guard = PhraseGuard({"superlatives": ["best", "world's  finest"], "doses": [{"pattern": r"\b\d+\s?mg\b"}]})

    assert guard.measure("The BEST tent, the world’s finest, asbestos, 5 mg or 10mg.") == {
        "superlatives": 2,
        "doses": 2,
    }
    assert guard.find("The best.", "superlatives") == ((4, 8),)


def test_overlapping_finds_count_once():
    guard = PhraseGuard({"list": ["heart", "heart failure", {"pattern": "heart fail"}]})

    assert guard.measure("heart failure") == {"list": 1}


def test_a_pattern_that_takes_too_long_withholds_the_text():
    guard = PhraseGuard({"slow": [{"pattern": r"(a|aa)+(?P<x>b|c)(?P=x)$"}]})

    with pytest.raises(RailsUnavailable, match="slow"):
        guard.measure("a" * 5000 + "!")


def test_the_work_of_other_threads_does_not_count_against_a_pattern():
    guard, stop = PhraseGuard({"doses": [{"pattern": r"\b\d+\s?mg\b"}]}), threading.Event()
    text = "The dose is 5 mg. " * 2000  # Some milliseconds alone, and many times that beside eight busy threads.

    def work() -> None:
        while not stop.is_set():
            hashlib.pbkdf2_hmac("sha256", b"x", b"y", 20_000)

    with ThreadPoolExecutor(8) as others:
        for _ in range(8):
            others.submit(work)
        try:
            assert {guard.measure(text)["doses"] for _ in range(20)} == {2000}
        finally:
            stop.set()


def test_a_pattern_that_does_not_compile_is_refused_with_its_list():
    with pytest.raises(ValueError, match="doses"):
        PhraseGuard({"doses": [{"pattern": "("}]})


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        ("cure", "It CURES everything."),
        ("cure", "a curing lamp"),
        ("guarantee", "We guaranteed it: our guarantee's terms."),
        ("remedy", "three remedies"),
        ("plan", "as planned"),
        ("café crème", "two CAFES CREMES"),
        ("naive", "a nai\u0308ve claim"),
        ("eye strain", "eye\n strains"),
    ],
)
def test_a_phrase_is_found_whatever_its_case_accents_and_endings(phrase, text):
    assert PhraseGuard({"list": [phrase]}).measure(text)["list"] >= 1


@pytest.mark.parametrize(("phrase", "text"), [("cure", "secure curtains"), ("all", "alls ballad"), ("plan", "plane")])
def test_another_word_is_not_an_ending(phrase, text):
    assert PhraseGuard({"list": [phrase]}).measure(text) == {"list": 0}


def test_a_phrase_is_found_where_it_stands_in_the_text_as_written():
    text = "ﬁne: le cafe\u0301s"

    ((start, end),) = PhraseGuard({"list": ["café"]}).find(text, "list")

    assert text[start:end] == "cafe\u0301s"
