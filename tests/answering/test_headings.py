"""What a few words say depends on the heading they stand under."""

import pytest

from assistant.answering.evidence import statements
from assistant.answering.speaking import Speaker
from assistant.answering.turn import open_turn
from assistant.chat import Request
from assistant.guards import Piece, Placeholders
from assistant.messages import Document, Message
from assistant.parts import Parts
from assistant.tasks import template_sections

VISIT = Document(
    "visit",
    "Visit",
    "Doctor: Do you take any other medicines, digoxin?\nPatient: That's it, yeah.\n"
    "Doctor: I'll give you some Motrin, 800 milligrams every six hours, with food.\nPatient: Okay.\n"
    "Doctor: Any allergies?\nPatient: Penicillin, I get a rash.",
)


@pytest.mark.parametrize(
    ("heading", "written", "says"),
    [
        ("Medication", "Digoxin.", True),
        ("Allergies", "Digoxin.", False),
        ("Medication", "Motrin 800 mg.", True),
        ("Allergies", "Motrin 800 mg.", False),
        ("Allergies", "Penicillin.", True),
        ("Medication", "Penicillin.", False),
        ("Allergies", "The patient gets a rash from penicillin.", True),
        (None, "Digoxin.", True),
    ],
)
async def test_it_is_said_where_it_is_borne_out_as_what_stands_there(parts: Parts, heading, written, says):
    release = parts.rails.release("medical")
    request = Request("medical", (Message("user", "Summarise this visit."),), (VISIT,), "summarize")
    speaker = Speaker(open_turn(request, release, earlier=(), placeholders=Placeholders(b"test")))
    headings = template_sections(release.retriever.document_text(release.vertical.summary.template))
    elsewhere = tuple(each.heading for each in headings if each.heading != heading)
    speaker.start(statements(VISIT), heading=heading, elsewhere=elsewhere)
    await speaker.hear(Piece(written, ""))
    assert bool(speaker.finish()) is says
    assert [each.reason for each in speaker.dropped][-1:] == (
        [] if says else ["stands where something else is spoken of"]
    )
