from dataclasses import replace

import pytest

from assistant.embedding import HashEmbedder
from assistant.errors import InvalidCase
from assistant.guards import PersonalDataGuard
from assistant.messages import Document
from assistant.tasks import Section, dialogue_statements, plan
from assistant.tuning import SectionCase, examples_of
from tests.tuning_cases import cases

SECTIONS = (
    Section("Reason for visit", "What brings the patient in"),
    Section("History", "Fever, days, cough"),
    Section("Allergies", "Allergies and reactions"),
)


def made(given, **more):
    return examples_of(given, SECTIONS, HashEmbedder(), PersonalDataGuard(), report=lambda _: None, **more)


def test_training_asks_in_the_very_words_of_answering():
    (case, *_) = given = cases(60)
    statements = dialogue_statements(Document("v", "Visit", case.dialogue))
    section = (Section(case.heading, ""),)
    (asked,) = plan(
        "summarize",
        "Summarise",
        statements,
        tokens=len,
        window=5000,
        sections=section,
        embedder=HashEmbedder(),
    ).assignments
    assert made(given).kept[0].prompt == asked.tuned_prompt
    assert asked.tuned_prompt == f"{case.dialogue}\n\n{case.heading}:"


def test_what_stands_twice_or_is_held_out_is_left_out():
    given = cases(60)
    found = made([*given, given[0]], held_out=[given[1].dialogue.upper(), "something else"])
    assert (found.duplicates, found.leaked) == (1, 1)
    assert given[1].id not in {each.id for each in found.kept}


def test_personal_data_is_masked_alike_in_dialogue_and_text():
    given = [
        replace(each, dialogue=each.dialogue + "\nPatient: Write to jo@mail.example.", text="Mail to jo@mail.example.")
        if n % 2
        else each
        for n, each in enumerate(cases(100))
    ]
    found = made(given)
    assert found.masked == 50
    texts = "".join(each.prompt + each.completion for each in found.kept)
    assert "jo@mail" not in texts and "Mail to [EMAIL_1]." in texts


def test_of_a_whole_visit_each_section_is_shown_its_own_part():
    visit = "Patient: I have had a cough for nine days, with fever.\nDoctor: Your allergies and reactions are noted."
    whole = [SectionCase("w-1", "History", visit, "Cough."), SectionCase("w-2", "Allergies", visit, "")]
    prompts = {each.id: each.prompt for each in made([*cases(60), *whole]).kept}
    assert "allergies" not in prompts["w-1"] and "cough" not in prompts["w-2"]


def test_ten_cases_are_too_few():
    with pytest.raises(InvalidCase, match="there are 10 usable cases; at least 50"):
        made(cases(10))


def test_cases_that_all_say_the_same_are_refused():
    with pytest.raises(InvalidCase, match="most cases have the same text"):
        made([replace(each, text="None.") for each in cases(80)])


def test_the_digest_names_the_examples():
    assert made(cases(60)).digest == made(cases(60)).digest != made(cases(61)).digest
