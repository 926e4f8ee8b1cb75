"""Texts made to keep a pattern searching: time must grow with the length of a text, not with its square."""

from __future__ import annotations

from contextlib import suppress

import pytest

from assistant.answering.speaking import _LINK
from assistant.errors import RailsUnavailable
from assistant.guards.grounding.facts import facts_of
from assistant.guards.grounding.figures import figures_of
from assistant.guards.grounding.sentences import SentenceJoiner, split_sentences
from assistant.guards.injection import InjectionGuard
from assistant.guards.people.finder import may_name
from assistant.guards.people.nobody import standards
from assistant.guards.personal import PersonalDataGuard
from assistant.guards.phrases import PhraseGuard
from assistant.guards.plain_text import hidden_texts, plain_text
from assistant.guards.topics_parts import unmasked

LENGTH = 20_000
UNITS = (
    "\n", " ", "1-", "a-", "-", "abcd", "a0", "a_", "a", "A", "1", "1,", "1 ", "a b ", "é", ".", "A. ", "Dr. ", "[",
    "[A_", "<!--", "<a ", "<p x=", "<p x=\"", "<a@", "A_a_", "!",
    "ignore all ", "do not follow your ", "System: a ", "a@", "twenty ", "hundred ", "Name: Wrenlow Fell\n", "a@b.co ",
)  # fmt: skip
TEXTS = [
    *((unit * LENGTH)[:LENGTH] for unit in UNITS),
    "Anna" + "-Anna" * (LENGTH // 5) + "!",
    "order number" + " " * LENGTH,
    "thanks" + "\n" * LENGTH,
    "note" + "\n" * LENGTH,
    "." * LENGTH + "a",
    "See e.g." + "\n" * LENGTH + "this",
]
long_texts = pytest.mark.parametrize("text", TEXTS, ids=lambda text: f"{text[:8]!r}-{text[-3:]!r}")


@long_texts
def test_personal_data_is_looked_for_quickly(text, in_proportion):
    PersonalDataGuard().find("a")  # Loads the telephone numbers and the lists of names.
    in_proportion(PersonalDataGuard().find, text)


@pytest.mark.parametrize(
    "unit",
    [
        "1234\n", "1234 - ", "1  ", "1\u200b", "\n\u200b", "GB82 ", "DE89\n", "123–", "a–", "dob,phone\n1,2\n", "1,",
        '"', "(m ", "DOB ", "1 Mar ", "1 März geboren ", "order_", "mrn number ", "12 elm ", "EN ISO ", "DIN-",
        "part number ",
    ],
)  # fmt: skip
def test_labels_columns_and_groups_are_looked_for_quickly(unit, in_proportion):
    in_proportion(
        lambda each: (PersonalDataGuard().find(each), may_name(each), standards(each)), (unit * LENGTH)[:LENGTH]
    )


def test_personal_data_beyond_a_long_gap_stands_where_it_stood():
    text = "Dr Maria Bianchi" + "\n" * 500 + "anna@example.com" + " " * 90 + "\u2028bob@example.com"

    found = PersonalDataGuard().find(text)

    assert [text[each.start : each.end] for each in found] == ["Maria Bianchi", "anna@example.com", "bob@example.com"]


@long_texts
def test_a_text_is_made_plain_quickly(text, in_proportion):
    in_proportion(lambda each: hidden_texts(plain_text(each)), text)


@long_texts
def test_sentences_are_split_quickly(text, in_proportion):
    in_proportion(split_sentences, text)


@pytest.mark.parametrize("token", ["\n", "A. ", "Dr. ", ".", "a"])
def test_sentences_are_joined_quickly(token, in_proportion):
    def joined(tokens):
        joiner = SentenceJoiner()
        for each in tokens:
            joiner.feed(each)
        joiner.flush()

    in_proportion(joined, [token] * (LENGTH // len(token)))


@long_texts
def test_masked_clauses_are_left_out_quickly(text, in_proportion):
    in_proportion(unmasked, text)


@long_texts
def test_facts_are_read_quickly(text, in_proportion):
    in_proportion(lambda each: (facts_of(each), figures_of(each)), text)


@long_texts
def test_take_over_attempts_are_looked_for_quickly(text, in_proportion):
    guard = InjectionGuard(None)
    in_proportion(lambda each: (guard.measure(each), guard.measure_passage(each)), text)


@long_texts
def test_links_are_looked_for_quickly(text, in_proportion):
    in_proportion(_LINK.search, text)


@long_texts
def test_phrases_are_looked_for_quickly_or_not_at_all(text, in_proportion):
    guard = PhraseGuard({"handles": ["best", {"pattern": "[a-z]{2,}_[a-z0-9_]+"}]})

    def measured(each):
        with suppress(RailsUnavailable):
            guard.measure(each)

    in_proportion(measured, text)


def test_a_pattern_that_takes_too_long_is_not_shown():
    guard = PhraseGuard({"slow": [{"pattern": r"(a|aa)+(?P<x>b|c)(?P=x)$"}]})

    with pytest.raises(RailsUnavailable) as raised:
        guard.measure("a" * 5000 + "!")

    assert "slow" in str(raised.value)
    assert "?P" not in str(raised.value)
