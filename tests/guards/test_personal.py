from __future__ import annotations

import pytest

from assistant.guards import PersonalDataGuard, Placeholders


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("My name is anna rossi, call 020 7946 0958.", "My name is [PERSON_1], call [PHONE_1]."),
        ("Write to anna@example.co.uk or +39 06 6982 1234", "Write to [EMAIL_1] or [PHONE_1]"),
        ("Card 4111 1111 1111 1111, IBAN GB82 WEST 1234 5698 7654 32 please", "Card [CARD_1], IBAN [IBAN_1] please"),
        ("SSN 078-05-1120, tax code RSSMRA85T10A562S", "SSN [NATIONAL_ID_1], tax code [NATIONAL_ID_2]"),
        ("NHS number 943 476 5919", "NHS number [NATIONAL_ID_1]"),
        (
            "DOB: 12/03/1980, MRN 0048213, order no. A-12345",
            "DOB: [DATE_OF_BIRTH_1], MRN [RECORD_NUMBER_1], order no. [RECORD_NUMBER_2]",
        ),
        ("Flat 2, 12 Alder Street, London SW1A 1AA", "[ADDRESS_1]"),
        ("Dr. Maria Bianchi and Mr Smith saw John O'Neill.", "Dr. [PERSON_1] and Mr [PERSON_2] saw [PERSON_3]."),
        ("Patient: Laura Conti\nReason for visit: cough", "Patient: [PERSON_1]\nReason for visit: cough"),
        (
            "When were you born?\nPatient: On the 4th of May 1962.",
            "When were you born?\nPatient: On the [DATE_OF_BIRTH_1].",
        ),
        ("Date of birth: unknown\nSeen on 4 May 2024.", "Date of birth: unknown\nSeen on 4 May 2024."),
        ("Your insurance number is WX-889213-B?", "Your insurance number is [RECORD_NUMBER_1]?"),
        ("At 14 Harrow Lane. Plan: rest.", "At [ADDRESS_1]. Plan: rest."),
        ("DR. NGUYEN: HELLO.\nDR. NGUYEN: SIT.", "DR. [PERSON_1]: HELLO.\nDR. [PERSON_1]: SIT."),
        (
            "Mrs. Lopez sat. Her husband Ramon Lopez drove. Martha Lopez spoke.",
            "Mrs. [PERSON_1] sat. Her husband [PERSON_2] drove. [PERSON_1] spoke.",
        ),
        (
            "Ms. Joy Banks is here. Joy, ask Joy.\nJoy: Joy is mine.",
            "Ms. [PERSON_1] is here. Joy, ask [PERSON_1].\n[PERSON_1]: Joy is mine.",
        ),
        (
            "Dr. Quincke saw it. It is Quincke's edema, said Quincke.",
            "Dr. [PERSON_1] saw it. It is Quincke's edema, said [PERSON_1].",
        ),
    ],
)
def test_personal_data_is_masked(text, masked):
    assert PersonalDataGuard().mask(text, Placeholders(b"key")).text == masked


def test_the_name_of_a_product_is_nobodys_where_the_vertical_says_so():
    sheet = "Patient: Wrenlow Skerry\nPatient: Laura Conti"
    guard = PersonalDataGuard(no_persons=["Wrenlow"])
    assert PersonalDataGuard().mask(sheet, Placeholders(b"key")).text == "Patient: [PERSON_1]\nPatient: [PERSON_2]"
    assert guard.mask(sheet, Placeholders(b"key")).text == "Patient: Wrenlow Skerry\nPatient: [PERSON_1]"


@pytest.mark.parametrize(
    "text",
    [
        "The Stormlea 2 tent and Ridgeline 40 backpack ship in March.",
        "Alder Street Practice opens in May.",
        "Refunds take 30 days. Patient reports 3 days of cough.",
        "Case 2024 reports 1234567890123 items of 10.000.000.",
        "Card 4111 1111 1111 1112",
        "IBAN GB82 WEST 1234 5698 7654 33",
        "I'm Happy. Will Smithers Street open?",
    ],
)
def test_what_identifies_nobody_is_left(text):
    assert PersonalDataGuard().find(text) == ()


def test_masking_twice_changes_nothing():
    guard, placeholders = PersonalDataGuard(), Placeholders(b"key")
    once = guard.mask("I'm Sarah Jones, sarah@example.org", placeholders).text

    assert guard.mask(once, placeholders).text == once


def test_the_same_value_gets_the_same_placeholder_also_after_it_was_kept():
    guard, before = PersonalDataGuard(), Placeholders(b"key")
    guard.mask("Mr Smith and Mr Jones", before)
    after = Placeholders.from_json(before.to_json(), b"key")

    assert guard.mask("Mr JONES left.", after).text == "Mr [PERSON_2] left."
    assert "Smith" not in before.to_json()


def test_only_the_kinds_asked_for_are_found():
    assert [each.kind for each in PersonalDataGuard(["email"]).find("Mr Smith, a@example.org")] == ["email"]


def test_what_is_public_anyway_is_spared():
    masked = PersonalDataGuard().mask("Call 020 7946 0958.", Placeholders(b""), spare="Our number is 020 7946 0958.")

    assert masked.text == "Call 020 7946 0958."
