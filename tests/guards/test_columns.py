from __future__ import annotations

import pytest

from assistant.guards import PersonalDataGuard, Placeholders


@pytest.mark.parametrize(
    ("table", "masked"),
    [
        (
            "name,dob,phone\nAnn Lee,12/03/1984,07700900123\nAnn Lee,1990-05-02,5552368\n\n1990-05-02,a,b",
            "name,dob,phone\n[PERSON_1],[DATE_OF_BIRTH_1],[PHONE_1]\n[PERSON_1],[DATE_OF_BIRTH_2],[PHONE_2]\n\n1990-05-02,a,b",
        ),
        (
            "| Customer ID | Date of birth | Sum |\n|---|---|---|\n| 448812 | 12/03/1984 | 3000 |",
            "| Customer ID | Date of birth | Sum |\n|---|---|---|\n| [RECORD_NUMBER_1] | [DATE_OF_BIRTH_1] | 3000 |",
        ),
        ("Nr;Surname;Geburtsdatum\n1;Qvist;12.03.1984", "Nr;Surname;Geburtsdatum\n1;[PERSON_1];[DATE_OF_BIRTH_1]"),
        ('customer,mobile\n"Oak, Elm","5552368"', 'customer,mobile\n"Oak, Elm","[PHONE_1]"'),
        ("place\tdateOfBirth\nA\t3 Apr 1990", "place\tdateOfBirth\nA\t[DATE_OF_BIRTH_1]"),
    ],
)
def test_what_stands_in_a_column_is_known_by_its_head(table, masked):
    assert PersonalDataGuard().mask(table, Placeholders(b"key")).text == masked


@pytest.mark.parametrize(
    "table",
    [
        "name,price,stock\nStormlea tent,120,34",
        "phone,price\nPixel 8,699\n3310,59.00",
        "name,version,date\nfoo,1.2.3,12/03/2024",
        "Give your name, dob, phone\nor ask, first, us",
    ],
)
def test_other_columns_are_left(table):
    assert PersonalDataGuard().find(table) == ()
