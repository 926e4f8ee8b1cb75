from __future__ import annotations

import pytest

from assistant.guards import PersonalDataGuard, Placeholders
from assistant.guards.spellings import as_typed

CARD, IBAN = "4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32"
PARTED_BY = ("\u00a0", "\u2009", "\u202f", "\u3000", "  ", "\t", "\u2013", "\u2011", " - ", ".", "\n", "\u200b")


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in PersonalDataGuard().find(text)]


@pytest.mark.parametrize("between", PARTED_BY)
@pytest.mark.parametrize(("kind", "number"), [("card", CARD), ("iban", IBAN)])
def test_cards_and_accounts_are_found_whatever_parts_their_groups(kind, number, between):
    spelt = number.replace(" ", between)

    assert found(f"Take {spelt} today") == [(kind, spelt)]


@pytest.mark.parametrize("between", ["\u00a0", "\u2009", "\u202f", "\u2013", ".", "  ", "\u200b"])
def test_telephone_numbers_are_found_whatever_parts_their_groups(between):
    spelt = "07700 900 123".replace(" ", between)

    assert found(f"It is {spelt} today") == [("phone", spelt)]


def test_wide_digits_are_digits():
    wide = CARD.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    masked = PersonalDataGuard().mask(f"{wide}, {CARD}", Placeholders(b"key"))

    assert masked.text == "[CARD_1], [CARD_1]"


def test_what_is_found_stands_where_it_stood():
    text = "\u200b\u00adNo" + " " * 60 + "\u200b41\u200b11 1111 1111 1111\u200b, a\u200b@example.org"

    assert [value for _, value in found(text)] == ["41\u200b11 1111 1111 1111", "a\u200b@example.org"]


@pytest.mark.parametrize(
    "text",
    [
        "4500\n3200\n2100\n5604\n7800",
        "1200  3400  5600  7800  2200  3300  4400  5500",
        "2015 2016 2017 2018",
        "4111.1111.1111.1112",
        "pages 123–4567, 94–102–10, 1950–1975–2000",
        "in DE20 2000 people and 3000 others",
    ],
)
def test_other_numbers_in_groups_are_none(text):
    assert found(text) == []


def test_a_dash_between_two_numbers_is_left():
    assert as_typed("10–12 and 078–05–1120") == "10–12 and 078-05-1120"
