# ruff: noqa: E501 — a dialogue reads better on one line
import pytest

from assistant.messages import Document
from assistant.tasks import dialogue_statements, form_of
from assistant.tasks.dialogue import joined

VISIT = """Doctor: Good morning. What brings you in today?
Patient: I've had a cough for three weeks.
Doctor: Any fever?
Patient: No.
Doctor: What medication are you on?
Patient: Lisinopril 10 mg once a day. Should I stop it?
Doctor: No, keep taking it. Come back in two weeks."""


def statements(text: str) -> list[str]:
    return [each.text for each in dialogue_statements(Document("visit", "Visit", text))]


@pytest.mark.parametrize(
    ("question", "reply", "statement"),
    [
        ("Any fever?", "No.", "No fever. The patient denies fever."),
        ("Do you have any chest pain?", "Nope.", "No chest pain. The patient denies chest pain."),
        ("Do you smoke?", "No.", "The patient does not smoke."),
        ("Are you allergic to penicillin?", "Yes.", "The patient is allergic to penicillin."),
        ("Have you had a flu jab this year?", "Not yet.", "The patient has not had a flu jab this year."),
        ("Is your mother well?", "Yes.", "Their mother is well."),
        (
            "Any allergies?",
            "Yes, penicillin gives me a rash.",
            "The patient reports allergies. Patient: Penicillin gives me a rash.",
        ),
    ],
)
def test_a_yes_or_no_becomes_part_of_what_was_asked(question: str, reply: str, statement: str):
    assert joined(question, reply, "Patient") == statement


def test_an_open_question_keeps_its_answer_beside_it():
    assert "What brings you in today? Patient: I've had a cough for three weeks." in statements(VISIT)


def test_a_reply_that_asks_back_answers_and_asks():
    said = statements(VISIT)
    assert "What medication are you on? Patient: Lisinopril 10 mg once a day." in said
    assert said[-1] == "Should I stop it? Doctor: No, keep taking it. Come back in two weeks."


def test_a_long_turn_is_one_statement_a_sentence():
    text = "Doctor: Let me listen. Your chest sounds clear. Your temperature is 36.8.\nPatient: Good.\nDoctor: Bye.\nPatient: Bye."
    assert statements(text)[1:3] == ["Doctor: Your chest sounds clear.", "Doctor: Your temperature is 36.8."]


def test_every_statement_quotes_the_words_it_was_made_from():
    for statement in dialogue_statements(Document("visit", "Visit", VISIT)):
        assert statement.quote == VISIT[statement.start : statement.end]


def test_nothing_that_was_said_is_lost():
    whole = " ".join(statements(VISIT))
    for word in ("cough", "three weeks", "fever", "Lisinopril", "10 mg", "two weeks"):
        assert word in whole


def test_brackets_and_wrapped_lines_are_turns_too():
    text = "[doctor] any fever ?\n[patient] no , i have\nbeen fine\n[doctor] good .\n[patient] thanks ."
    assert form_of(text) == "dialogue"
    assert "been fine" in " ".join(statements(text))


def test_a_speaker_whose_name_is_masked_is_one_too():
    text = "Dr [PERSON_1]: Any fever?\n[PERSON_2]: No.\nDr [PERSON_1]: Good. Come back on Monday.\n[PERSON_2]: I will."
    assert form_of(text) == "dialogue"
    assert statements(text) == [
        "No fever. [PERSON_2] denies fever.",
        "Dr [PERSON_1]: Come back on Monday.",
    ]


def test_pleasantries_state_nothing():
    text = (
        "Doctor: Good morning.\nPatient: Morning.\nDoctor: OK, goodbye.\nPatient: Thank you, bye.\nDoctor: Take care."
    )
    assert statements(text) == []


def test_what_was_said_is_repeated_in_quotation_marks_with_its_speaker():
    visit = Document("v", "Visit", "Doctor: Any fever?\nPatient: No, no fever.\nDoctor: Your lungs are clear.\n")
    assert [each.quotation for each in dialogue_statements(visit)] == [
        "Doctor: “Any fever?” Patient: “No, no fever.”",
        "Doctor: “Your lungs are clear.”",
    ]
