from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guards.grounding.figures import figures_of, same_figure
from assistant.guards.grounding.names import missing_names, names_of
from assistant.guards.grounding.numbers import with_digits


def same(one: str, other: str) -> bool:
    first, second = figures_of(one), figures_of(other)
    return len(first) == len(second) == 1 and same_figure(first[0], second[0])


@pytest.mark.parametrize(
    ("spelled", "digits"),
    [
        ("thirty days", "30 days"),
        ("twenty-five reviews", "25 reviews"),
        ("one hundred and five people", "105 people"),
        ("two and a half hours", "2.5 hours"),
        ("half an hour", "0.5 hour"),
        ("a dozen eggs", "12 eggs"),
        ("1.5 million users", "1500000 users"),
        ("the third quarter", "the 3th quarter"),
        ("no one can", "no one can"),
        ("since nineteen eighty three", "since 1983"),
        ("in twenty oh eight", "in 2008"),
        ("two point five milligrams", "2.5 milligrams"),
        ("point one per cent", "0.1 per cent"),
        ("at this point two people left", "at this point 2 people left"),
        ("nineteen twenty dollar notes", "39 dollar notes"),
        ("four fifths of its capacity", "80 % of its capacity"),
        ("a quarter of an hour", "a quarter of an hour"),
        ("one thirty eight over eighty", "138/80"),
    ],
)
def test_number_words_become_digits(spelled, digits):
    assert with_digits(spelled) == digits


@pytest.mark.parametrize(
    "text",
    [
        "80 oveR 90",
        "HALF an hour",
        "2 point 5",
        "a quarter of it",
        "fırst",
        "1½",
        "¾ cup",
        "3 dozen",
        "the phone",
        "No one",
    ],
)
def test_what_is_read_of_a_text_does_not_hang_on_what_is_far_from_it(text):
    spelled = with_digits(f"{text} … … … seven")
    assert spelled == f"{with_digits(text)} … … … 7"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("two years", "24 months"),
        ("thirty days", "30 days"),
        ("two weeks", "14 days"),
        ("five working days", "5 business days"),
        ("0.5 g", "500 mg"),
        ("€50", "50 euros"),
        ("30 %", "thirty percent"),
        ("9 am", "9:00"),
        ("12 March", "March 12, 2026"),
        ("2026-03-12", "12 March 2026"),
        ("about 2 kg", "1.95 kg"),
        ("a two-year warranty", "2 years"),
        ("1,200 pounds", "£1200"),
        ("76-year-old", "76 years old"),
        ("over 40 reviews", "42 reviews"),
        ("about 16,000 objects", "15,840 objects"),
    ],
)
def test_the_same_figure_is_known_however_it_is_written(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("14 days", "30 days"),
        ("30 days", "30 hours"),
        ("5 days", "5 business days"),
        ("5 mg", "5 g"),
        ("€50", "$50"),
        ("12 March", "21 March"),
        ("9 am", "9 pm"),
        ("two years", "2 months"),
        ("17,786,424 people", "17,786,419 people"),
        ("about 16,001 objects", "16,000 objects"),
        ("roughly 499,999 people", "roughly 500,000 people"),
        ("around 31 per cent", "around 30 per cent"),
    ],
)
def test_another_value_or_unit_is_another_figure(one, other):
    assert not same(one, other)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text):
    figures_of(text)
    names_of(text)


WORDS = (
    "daily", "annually", "second", "minutes", "kilograms", "twice", "once", "half", "million", "dozen", "thirtieth",
    "twenty-first", "six", "12", "1,000", "3.5", "%", "€", "august", "monday", "am", "between", "per", "each", "a",
)  # fmt: skip
CASES = (str.lower, str.upper, str.title, lambda word: word.translate(str.maketrans("isk", "\u0131\u017f\u212a")))


@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(CASES)), max_size=6))
def test_figures_can_be_read_in_whatever_case(parts):
    figures_of(" ".join(case(word) for word, case in parts))


def test_capitals_say_the_same():
    assert same("DAILY", "every day")
    assert same("30 DAYS", "30 days")


def test_names_are_words_written_as_names_wherever_they_stand():
    assert names_of("The Stormlea 2 was seen by Dr. Patel in Milan; the MX-200 was not.") == (
        "Stormlea",
        "Patel",
        "Milan",
        "MX-200",
    )
    assert names_of("Refunds take five days. Opened items stay.") == ()
    assert names_of("Yeah, GNR were formed by some friends in Texas.") == ("GNR", "Texas")


def test_a_name_is_mentioned_by_adjective_or_initials_too():
    assert missing_names(["Italy", "NHS"], "The Italian office and the National Health Service agree.") == ()
    assert missing_names(["Rossi"], "Seen by Dr. Bianchi.") == ("Rossi",)
    assert missing_names(["F.C"], "Nottingham Forest Football Club") == ()
    assert missing_names(["Italian", "Finland", "British"], "In Italy, in the U.K. and with a Finnish crew.") == ()
    assert missing_names(["French"], "With a Finnish crew.") == ("French",)


@pytest.mark.parametrize(
    ("claim", "shown", "same"),
    [
        ("It is kept beyond 7 days.", "It is kept for 7 days.", False),
        ("It takes less than 7 days.", "It takes 7 days.", False),
        ("It takes at least 7 days.", "It takes 7 days.", True),
        ("It takes more than 7 days.", "It takes more than 7 days.", True),
        ("It is free over £60.", "It is free for orders of £60 or more.", True),
        ("More than 500 reviews are in.", "There are 500+ reviews.", True),
        ("Over 7 days.", "It took 9 days.", True),
    ],
)
def test_more_than_a_figure_is_not_that_figure(claim, shown, same):
    assert same_figure(figures_of(claim)[0], figures_of(shown)[0]) is same
