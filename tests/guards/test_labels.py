from __future__ import annotations

import pytest

from assistant.guards import PersonalDataGuard


def found(text: str) -> list[tuple[str, str]]:
    return [(each.kind, text[each.start : each.end]) for each in PersonalDataGuard().find(text)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ('{"date_of_birth": "1984-03-12"}', "date_of_birth", "1984-03-12"),
        ('{"dateOfBirth":"1984-03-12"}', "date_of_birth", "1984-03-12"),
        ("user_dob=1984-03-12", "date_of_birth", "1984-03-12"),
        ('{"patient_id": "00123456"}', "record_number", "00123456"),
        ("<patientId>00123456</patientId>", "record_number", "00123456"),
        ('{"order_number": "ORD-20412"}', "record_number", "ORD-20412"),
        ('{"booking": "BK-20412"}', "record_number", "BK-20412"),
        ('{"mrn": "00123456"}', "record_number", "00123456"),
        ("MRN number 00123456", "record_number", "00123456"),
        ("policy-number: 88-12345", "record_number", "88-12345"),
        ('{"passport_number": "533380006"}', "national_id", "533380006"),
        ('{"socialSecurityNumber": "078051120"}', "national_id", "078051120"),
        ('{"phone_number": "5552368"}', "phone", "5552368"),
        ('{"mobileNumber": "5552368"}', "phone", "5552368"),
    ],
)
def test_a_label_is_known_as_it_stands_in_code(text, kind, value):
    assert found(text) == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        '{"customer_id_type": "integer", "price": 129900}',
        "SELECT order_id FROM orders WHERE total > 1000",
        '{"version": "1984-03-12"}',
        "part number 4500-123-456",
        "Batch number 0123-456-789",
    ],
)
def test_what_no_label_calls_personal_is_left(text):
    assert found(text) == []
