"""What of a visit a note would hold, with the shipped weights and the real embedder."""

from assistant.embedding import HashEmbedder
from assistant.messages import Document, Evidence
from assistant.tasks import Section, dialogue_statements, plan
from assistant.tasks.noting import worth_noting

VISIT = """Doctor: Hi there, how are you doing?
Patient: Hey, good to see you again. How was your holiday?
Doctor: Lovely, we went to the lake with the kids.
Doctor: So what brings you in?
Patient: I have had a sore throat and a fever since Monday.
Doctor: Hey Dragon, show me the chart.
Doctor: Any trouble breathing?
Patient: No.
Doctor: I'll start you on amoxicillin 500 mg three times a day.
Patient: That sounds like a plan.
Doctor: On exam your tonsils are swollen and red.
Patient: Thank you, you too."""


def said(text: str = VISIT) -> tuple[Evidence, ...]:
    return dialogue_statements(Document("visit", "Visit", text))


def test_what_a_note_would_hold_stays_in_order_and_talk_does_not(embedder):
    kept = [each.quotation for each in worth_noting(said(), embedder)]
    for told in ("sore throat and a fever", "amoxicillin 500 mg", "tonsils are swollen", "trouble breathing"):
        assert sum(told in each for each in kept) == 1, told
    for talk in ("good to see you", "Dragon", "sounds like a plan", "you too"):
        assert not any(talk in each for each in kept), talk
    assert kept == [each.quotation for each in said() if each.quotation in kept]


def test_what_must_not_be_left_out_in_silence_stays_however_unlikely(embedder):
    visit = f"{VISIT}\nPatient: Anyway, peanuts, my daughter says I react to those, funny kid."
    assert any("react to" in each.quotation for each in worth_noting(said(visit), embedder))


def test_all_stays_with_another_embedder(embedder):
    assert worth_noting(said(), HashEmbedder()) == list(said())
    assert worth_noting((), embedder) == []


def test_talk_alone_makes_no_part_of_a_note(embedder):
    talk = said("Doctor: Hey Dragon, finalize the note.\nPatient: You too.")
    assert len(talk) == 2
    sections = (Section("Reason for visit", ""),)
    (only,) = plan(
        "summarize", "Summarise", talk, tokens=len, window=5000, sections=sections, embedder=embedder
    ).assignments
    assert (only.heading, only.evidence) == ("Reason for visit", ())
    (only,) = plan(
        "summarize", "Summarise", said(), tokens=len, window=5000, sections=sections, embedder=embedder
    ).assignments[:1]
    assert only.evidence[0] == said()[0]  # What is written is written from all that was said.


def test_what_was_not_spoken_stays(embedder):
    written = Evidence("d", "D", "Good morning and see you soon.", 0, 30, origin="request")
    assert worth_noting([written, *said()], embedder)[0] == written
