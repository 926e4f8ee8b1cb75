"""What of a visit stands under which heading of its summary, with the lists that the medical vertical ships."""

import pytest

from assistant.answering.evidence import find_evidence
from assistant.answering.speaking import HEADING, Speaker
from assistant.answering.turn import Turn, open_turn
from assistant.chat import Request
from assistant.guards import Piece, Placeholders
from assistant.messages import Document, Message
from assistant.parts import Parts
from assistant.tasks import SECTION, template_sections

VISIT = """Doctor: Hello, what can I do for you today?
Patient: I've had a cough for two weeks and it keeps me up at night.
Doctor: Any fever?
Patient: No.
Doctor: Are you using anything for it?
Patient: I've got salbutamol, I use two puffs when it gets bad.
Doctor: Any allergies?
Patient: Penicillin, I get a rash.
Doctor: There's a wheeze on both sides. Blood pressure is 128 over 82.
Doctor: I think your asthma is not well controlled. I'll prescribe beclometasone, two puffs twice a day.
Doctor: Come back in four weeks."""
NOTES = """Seen in clinic today with a sore throat for four days. No fever at home. Takes levothyroxine 75 micrograms.
No known drug allergies. On examination temperature 37.2. Impression: viral sore throat. Return if not better."""


def asked(parts: Parts, text: str) -> Turn:
    request = Request(
        "medical", (Message("user", "Summarise this visit."),), (Document("visit", "Visit", text),), "summarize"
    )
    return open_turn(request, parts.rails.release("medical"), earlier=(), placeholders=Placeholders(b"test"))


async def placed(parts: Parts, text: str) -> dict[str, str]:
    """Under each heading what stands there."""
    turn = asked(parts, text)
    found = await find_evidence(turn, parts.embedder)
    there: dict[str, str] = {}
    for each in parts.writer.plan(turn, found).assignments:
        assert each.heading
        there[each.heading] = there.get(each.heading, "") + "\n".join(one.quotation for one in each.evidence)
    return there


@pytest.mark.parametrize(
    ("text", "heading", "says"),
    [
        (VISIT, "Reason for visit", "a cough for two weeks"),
        (VISIT, "History", "Any fever"),
        (VISIT, "Medication", "salbutamol"),
        (VISIT, "Medication", "beclometasone"),
        (VISIT, "Plan and follow-up", "beclometasone"),
        (VISIT, "Allergies", "Penicillin"),
        (VISIT, "Examination", "a wheeze on both sides"),
        (VISIT, "Examination", "128 over 82"),
        (VISIT, "Assessment", "asthma"),
        (VISIT, "Plan and follow-up", "Come back"),
        (NOTES, "Reason for visit", "sore throat for four days"),
        (NOTES, "Medication", "levothyroxine"),
        (NOTES, "Allergies", "drug allergies"),
        (NOTES, "Examination", "37.2"),
        (NOTES, "Assessment", "viral"),
        (NOTES, "Plan and follow-up", "Return"),
    ],
)
async def test_what_answers_a_heading_stands_there(parts: Parts, text, heading, says):
    assert says in (await placed(parts, text))[heading]


@pytest.mark.parametrize(
    ("heading", "other"),
    [("Medication", "Penicillin"), ("Plan and follow-up", "128"), ("History", "128"), ("Allergies", "salbutamol")],
)
async def test_what_answers_another_heading_alone_does_not(parts: Parts, heading, other):
    assert other not in (await placed(parts, VISIT))[heading]


async def test_what_somebody_comes_for_is_said_first_where_nobody_asks(parts: Parts):
    there = await placed(parts, "Doctor: Hi, how are you?\nPatient: Fine, but this itchy rash on my arms won't go.")
    assert "itchy rash" in there["Reason for visit"]


async def test_a_heading_that_nothing_answers_is_left_to_the_notice(parts: Parts):
    there = await placed(parts, VISIT.replace("Doctor: Any allergies?\nPatient: Penicillin, I get a rash.\n", ""))
    assert [heading for heading, said in there.items() if not said] == ["Allergies"]


def test_the_notice_tells_of_what_was_found_and_not_of_what_was_said(parts: Parts):
    assert parts.rails.release("medical").engine.message("say not recorded").startswith("I found nothing")


async def test_what_answers_two_headings_is_said_under_both(parts: Parts):
    turn = asked(parts, VISIT)
    speaker = Speaker(turn)
    for heading in ("Medication", "Plan and follow-up"):
        speaker.tell(f"{HEADING}{heading}", joiner="\n\n")
        speaker.start((await find_evidence(turn, parts.embedder)).evidence, heading=heading)
        for _ in range(2):
            await speaker.hear(Piece("The doctor prescribes beclometasone, two puffs twice a day.", ""))
        assert len(speaker.finish()) == 1
    assert [each.reason for each in speaker.dropped] == ["was said before", "was said before"]


def test_every_list_and_the_opening_name_a_heading_of_the_template(parts: Parts):
    release = parts.rails.release("medical")
    assert release.retriever and release.vertical.summary
    sections = template_sections(release.retriever.document_text(release.vertical.summary.template))
    assert {name for name in release.bundle.phrases if name.startswith(SECTION)} == {each.phrases for each in sections}
    assert release.vertical.summary.opening in [each.heading for each in sections]
