from assistant.embedding import HashEmbedder
from assistant.messages import Evidence
from assistant.tasks import Section, plan, template_sections

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
