from __future__ import annotations

import pytest

from assistant.guards.national_ids import national_ids


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in sorted(set(national_ids(text)))]


@pytest.mark.parametrize(
    "number",
    [
        "078-05-1120",  # United States
        "912-70-1234",
        "AB 12 34 56 C",  # United Kingdom
        "943 476 5919",
        "RSSMRA85T10A562S",  # Italy
        "12345678Z",  # Spain
        "X1234567L",
        "2 55 08 14 168 025 38",  # France
        "44051401359",  # Poland
        "529.982.247-25",  # Brazil
        "811228-9874",  # Sweden
        "131052-308T",  # Finland
        "85.07.30-033.28",  # Belgium
        "756.9217.0769.85",  # Switzerland
        "2341 2341 2346",  # India
    ],
)
def test_a_number_is_known_by_its_check_digits(number):
    assert number in found(f"It is {number}, I think.")


@pytest.mark.parametrize(
    "number",
    ["943 476 5918", "RSSMRA85T10A562T", "12345678A", "44051401358", "529.982.247-24", "811228-9873", "2341 2341 2345"],
)
def test_a_number_with_a_wrong_check_digit_is_none(number):
    assert number not in found(f"It is {number}, I think.")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("SSN: 912 34 5678", "912 34 5678"),
        ("my passport number is 533380006", "533380006"),
        ("Driver's license D123-4567-8901", "D123-4567-8901"),
        ("His BSN is 111222333", "111222333"),
    ],
)
def test_a_number_is_known_by_what_it_is_called(text, number):
    assert found(text) == [number]


@pytest.mark.parametrize(
    "text", ["The license expires in 2026.", "MIT license 2026", "a pan of 12 eggs", "SIN 45 degrees"]
)
def test_a_name_without_a_number_is_none(text):
    assert found(text) == []
