from __future__ import annotations

import pytest

from assistant.guards.phone_numbers import phones


def found(text: str) -> list[str]:
    spans = sorted(set(phones(text)), key=lambda span: span[0] - span[1])
    return [text[start:end] for start, end in spans[:1]]


@pytest.mark.parametrize(
    "number",
    [
        "+46 (0)8 928 571 38",
        "001-518-640-0854",
        "(602) 272-9781",
        "345-899-3560x4587",
        "03.93.92.16.85",
        "07700 900 982",
        "01632 960100",
        "+39 06 6982 1234",
    ],
)
def test_a_number_is_known_by_its_form(number):
    assert found(f"It is {number}, I think.") == [number]


@pytest.mark.parametrize(
    "text", ["Phone:\n467 3395", "call me on 94727916", "416 60 039 office", "my number is 83920139"]
)
def test_a_number_is_known_by_what_is_said_about_it(text):
    assert len(found(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "from 12.10.2024 to 2024-10-15",
        "in 1950-1975 and 2019 2020 2021",
        "1 000 000 people and 10.000.000 items",
        "at 389 1672 Alder Street",
        "120/80, 98.6, 5 mg 3 times",
        "Order 2024 1234 5678 9012 3456",
        "ISBN 978-3-16-148410-0",
        "Card 4111 1111 1111 1112",
    ],
)
def test_other_numbers_are_none(text):
    assert found(text) == []
