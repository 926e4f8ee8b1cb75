from __future__ import annotations

import pytest

from assistant.guards.birth_dates import birth_dates


def found(text: str) -> list[str]:
    return sorted({text[start:end] for start, end in birth_dates(text)})


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("Sie ist geboren am 12. März 1984.", "12. März 1984"),
        ("Er wurde am 3. April 1990 geboren.", "3. April 1990"),
        ("Geburtsdatum: 12/03/1984", "12/03/1984"),
        ("Lee, geb. 12.3.84", "12.3.84"),
        ("née le 12 mars 1984", "12 mars 1984"),
        ("né(e) le 1er août 1984", "1er août 1984"),
        ("Date de naissance : 12/03/1984", "12/03/1984"),
        ("nata a Roma il 12 marzo 1984", "12 marzo 1984"),
        ("Data di nascita: 12.03.1984", "12.03.1984"),
        ("nacido el 12 de marzo de 1984", "12 de marzo de 1984"),
        ("nascida em 5 de maio de 1990", "5 de maio de 1990"),
        ("Geboortedatum 5 mei 1990", "5 mei 1990"),
        ("urodzona 5 maja 1990", "5 maja 1990"),
        ("född 5 maj 1990", "5 maj 1990"),
        ("DOB 1984/03/12", "1984/03/12"),
        ("DOB 12 Mar 84", "12 Mar 84"),
        ("D.O.B. 12-Mar-1984", "12-Mar-1984"),
        ("DOB 19840312", "19840312"),
        ("Ann Lee (12/03/1984, F)", "12/03/1984"),
        ("Ann Lee (F, March 12, 1984)", "March 12, 1984"),
    ],
)
def test_a_date_of_birth_is_known_in_other_languages_and_forms(text, date):
    assert found(text) == [date]


@pytest.mark.parametrize(
    "text",
    [
        "TORONTO, ON (August 22, 2017) - The team",
        "The law of 12. März 1984, le 12 mars 1984, on 12-Mar-2024",
        "Invoice date 1984-03-12, (12/03/2024, final)",
        "geboren in Wien",
    ],
)
def test_another_date_is_none(text):
    assert found(text) == []
