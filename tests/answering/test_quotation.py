"""A quote says what its sentence is about and what limits it."""

import pytest

from assistant.answering.quoting import quotation
from assistant.answering.turn import open_turn
from assistant.chat import Request
from assistant.guards import Placeholders
from assistant.messages import Evidence, Message
from assistant.parts import Parts

URGENT = (
    "Red findings are chest pain now, signs of a stroke, collapse, and heavy bleeding.\n"
    "1. Call 999.\n2. Call the duty doctor line while help is on its way.\n3. Stay with the patient.\n\n"
    "The emergency trolley stands in treatment room 2."
)
FILLING = "The parcel is handed to the carrier in the evening, and the carrier sends a message with a link. "
EXPRESS = (
    FILLING * 4 + "Express delivery costs £6.95 for any order within the country. "
    "It arrives on the next working day. Express delivery is not available to the islands. " + FILLING
)
LAMP = "The Drift gives 806 lumens. Its bulb is an LED bulb of 8 watts. It can be dimmed with a wall dimmer."


PUMP = (
    FILLING * 4 + "The Torrent pump moves 40 litres a minute. It is cleaned with vinegar once a month. "
    "The carrier sends a message. " + FILLING
)


@pytest.mark.parametrize(
    ("question", "text", "begins", "ends"),
    [
        ("How do I clean the Torrent pump?", PUMP, "The Torrent pump moves", "once a month."),
        ("A patient has chest pain. What should I do?", URGENT, "Red findings", "Stay with the patient."),
        ("What does express delivery cost?", EXPRESS, "Express delivery costs", "not available to the islands."),
        ("Which bulb does the Drift have?", LAMP, "The Drift gives", "a wall dimmer."),
    ],
)
def test_what_belongs_to_a_sentence_is_quoted_with_it(parts: Parts, question, text, begins, ends):
    turn = open_turn(
        Request("medical", (Message("user", question),)),
        parts.rails.release("medical"),
        earlier=(),
        placeholders=Placeholders(b"test"),
    )
    quoted = quotation(turn, Evidence("d", "D", text, 0, len(text), origin="knowledge"))
    assert quoted is not None
    assert (quoted.text.startswith(begins), quoted.text.endswith(ends)) == (True, True)
    assert text[quoted.start : quoted.end] == quoted.text


def test_a_list_of_which_several_items_are_quoted_keeps_its_marks(parts: Parts):
    text = "- Books can be borrowed for four weeks.\n- Films can be borrowed for one week.\n- The desk is on floor two."
    turn = open_turn(
        Request("medical", (Message("user", "For how long can books and films be borrowed?"),)),
        parts.rails.release("medical"),
        earlier=(),
        placeholders=Placeholders(b"test"),
    )
    quoted = quotation(turn, Evidence("d", "D", text, 0, len(text), origin="knowledge"))
    assert quoted is not None
    assert quoted.text.startswith("- Books" if "\n" in quoted.text else "Books")
