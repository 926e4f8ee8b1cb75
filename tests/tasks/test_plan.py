import itertools

import numpy as np
import pytest

from assistant.embedding import HashEmbedder
from assistant.errors import Invalid
from assistant.messages import Evidence
from assistant.tasks import Placing, Section, plan, read_placing, template_sections

TEMPLATE = "# Template\n\n## Medication\n\nMedicines and tablets taken.\n\n## Allergies\n\nAllergies and reactions.\n"


def words(text: str) -> int:
    return len(text.split())


def passages(*texts: str) -> list[Evidence]:
    return [Evidence("d", "D", text, 0, 1, origin="request") for text in texts]


def test_a_short_answer_is_one_call_that_shows_every_passage():
    made = plan(
        "answer", "How long?", passages("Thirty days.", "Two weeks."), tokens=words, window=500, embedder=HashEmbedder()
    )
    (only,) = made.assignments
    assert made.parts == 1
    assert "Thirty days." in only.prompt and "Two weeks." in only.prompt and "How long?" in only.prompt


def test_what_does_not_fit_the_window_is_worked_in_parts_and_nothing_is_cut():
    texts = [f"Passage number {i} says {'something ' * 20}" for i in range(10)]
    made = plan("summarize", "Summarise", passages(*texts), tokens=words, window=150, embedder=HashEmbedder())
    assert made.parts == len(made.assignments) > 1
    assert [e.text for a in made.assignments for e in a.evidence] == texts


def test_a_tuned_model_reads_reviews_beside_their_counts_evenly_taken_as_they_fit():
    said = passages(*(f"review{n} " * 30 for n in range(100)))
    made = plan(
        "summarize",
        "Sum up.",
        passages("100 reviews."),
        tokens=words,
        window=600,
        embedder=HashEmbedder(),
        beside=said,
    )
    (only,) = made.assignments
    assert "review0" not in only.prompt and only.tuned_prompt.startswith("- 100 reviews.\n- review0 ")
    shown = [said.index(each) for each in only.beside]
    assert 10 <= len(shown) <= 15 and {later - earlier for earlier, later in itertools.pairwise(shown)} <= {7, 8, 9, 10}


def test_a_template_gives_its_sections_in_order():
    sections = template_sections(TEMPLATE)
    assert sections == (
        Section("Medication", "Medicines and tablets taken."),
        Section("Allergies", "Allergies and reactions."),
    )


def test_statements_go_where_they_belong_and_an_empty_section_stays():
    sections = template_sections(TEMPLATE)
    said = passages("Takes tablets and other medicines daily.")
    made = plan("summarize", "Summarise", said, tokens=words, window=500, sections=sections, embedder=HashEmbedder())
    assert [(a.heading, len(a.evidence)) for a in made.assignments] == [("Medication", 1), ("Allergies", 0)]
    assert made.assignments[0].elsewhere == ("Allergies",)


def made_with(said: list[Evidence], phrases: dict[str, str], **more: str) -> list[tuple[str | None, list[str]]]:
    """Under each heading of the template what stands there; `phrases` is a word of each list."""
    made = plan(
        "summarize",
        "Summarise",
        said,
        tokens=words,
        window=500,
        sections=template_sections(TEMPLATE),
        embedder=HashEmbedder(),
        phrases=lambda text: {name: text.count(word) for name, word in phrases.items()},
        **more,
    )
    return [(each.heading, [one.text for one in each.evidence]) for each in made.assignments]


def test_a_statement_stands_under_every_heading_whose_phrases_it_holds():
    said = passages("Takes tablets. The red ones, they itch.", "Takes medicines and tablets, and itches.")
    assert made_with(said, {"section_allergies": "itch"}) == [
        ("Medication", []),
        ("Allergies", [each.text for each in said]),
    ]
    assert made_with(said, {"section_allergies": "itches", "section_medication": "tablets"}) == [
        ("Medication", [each.text for each in said]),
        ("Allergies", ["Takes medicines and tablets, and itches."]),
    ]


def test_what_is_said_first_stands_under_the_opening_where_nothing_holds_its_phrases():
    said = passages("Takes tablets and medicines.", "Takes medicines, they itch.")
    assert made_with(said, {}, opening="Allergies")[1] == ("Allergies", ["Takes tablets and medicines."])
    assert made_with(said, {"section_allergies": "itch"}, opening="Allergies")[1] == (
        "Allergies",
        ["Takes medicines, they itch."],
    )


def test_a_section_names_the_list_of_its_phrases():
    assert Section("Plan and follow-up", "").phrases == "section_plan_and_follow_up"


def test_a_long_section_is_written_in_several_calls_under_one_heading():
    sections = template_sections(TEMPLATE)[:1]
    said = passages(*(f"Takes tablet number {i} {'daily ' * 40}" for i in range(10)))
    made = plan("summarize", "Summarise", said, tokens=words, window=5000, sections=sections, embedder=HashEmbedder())
    assert [each.goes_on for each in made.assignments] == [False, *[True] * (len(made.assignments) - 1)]
    assert [e.text for a in made.assignments for e in a.evidence] == [e.text for e in said]
    assert len(made.assignments) > 1


def test_talk_stays_with_its_subject_until_another_is_much_likelier():
    placing = Placing(("Medication", "Allergies"), np.array([[4.0, 0.0], [0.0, 4.0]]), np.zeros(2))
    sure, unsure, other = [1.0, 0.0], [0.45, 0.55], [0.0, 1.0]
    assert placing.places(np.array([sure, unsure, sure, other, unsure])) == [0, 0, 0, 1, 1]


def test_talk_moves_to_a_heading_that_alone_is_allowed():
    placing = Placing(("Medication", "Allergies"), np.array([[4.0, 0.0], [0.0, 4.0]]), np.zeros(2))
    allowed = np.array([[True, True], [False, True], [True, True]])
    assert placing.places(np.array([[1.0, 0.0]] * 3), allowed) == [0, 1, 0]


def test_where_statements_belong_is_kept_in_a_file_and_a_damaged_one_is_refused(tmp_path):
    file = tmp_path / "headings.json"
    Placing(("A", "B"), np.array([[0.5, 1.0], [2.0, 0.25]]), np.array([0.0, 1.0])).write(file)
    assert read_placing(file).places(np.array([[1.0, 0.0]])) == [1]
    file.write_text(file.read_text()[:20])
    with pytest.raises(Invalid, match="make the adapter again"):
        read_placing(file)
