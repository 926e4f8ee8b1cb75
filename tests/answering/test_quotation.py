"""A quote says what its sentence is about and what limits it."""

import pytest

from assistant.answering.quoting import quotation, under_heading
from assistant.answering.turn import Turn, open_turn
from assistant.chat import Request
from assistant.guards import Placeholders
from assistant.messages import Evidence, Message
from assistant.parts import Parts


def asked(parts: Parts, question: str) -> Turn:
    request = Request("medical", (Message("user", question),))
    return open_turn(request, parts.rails.release("medical"), earlier=(), placeholders=Placeholders(b"test"))


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
    turn = asked(parts, question)
    quoted = quotation(turn, Evidence("d", "D", text, 0, len(text), origin="knowledge"))
    assert quoted is not None
    assert (quoted.text.startswith(begins), quoted.text.endswith(ends)) == (True, True)
    assert text[quoted.start : quoted.end] == quoted.text


def test_a_list_of_which_several_items_are_quoted_keeps_its_marks(parts: Parts):
    text = "- Books can be borrowed for four weeks.\n- Films can be borrowed for one week.\n- The desk is on floor two."
    turn = asked(parts, "For how long can books and films be borrowed?")
    quoted = quotation(turn, Evidence("d", "D", text, 0, len(text), origin="knowledge"))
    assert quoted is not None
    assert quoted.text.startswith("- Books" if "\n" in quoted.text else "Books")


CARRIED = (
    "Choose at will. You must never carry:\n- gas bottles\n- fireworks\n- people\n\n"
    "You may carry:\n- children\n\nHelmets are free."
)


def test_an_item_is_quoted_with_what_leads_up_to_its_list(parts: Parts):
    turn = asked(parts, "Can I carry fireworks in the trailer?")
    quoted = quotation(turn, Evidence("d", "D", CARRIED, 0, len(CARRIED), heading="Trailers"))
    assert quoted is not None
    assert quoted.text.startswith("You must never carry:")
    assert "- fireworks" in quoted.text
    assert "You may" not in quoted.text


@pytest.mark.parametrize(
    ("text", "heading", "said"),
    [
        (
            "riding under the influence",
            "Cover › What no cover pays for",
            "What no cover pays for: riding under the influence",
        ),
        ("- pets\n- candles", "What is forbidden", "What is forbidden:\n- pets\n- candles"),
        ("Footprint: €29", "Stormlea 2 › What is sold separately", "What is sold separately: Footprint: €29"),
        ("Open from nine.", "Shop › Only in winter", "Only in winter: Open from nine."),
        ("You must never carry:\n- gas", "Trailers › Not allowed", "You must never carry:\n- gas"),
        ("The Drift gives 806 lumens.", "Lamps › Drift", "The Drift gives 806 lumens."),
        ("Weight: 2 kg", "Stormlea 2", "Weight: 2 kg"),
        ("Yes, in a Carrier.", "Can I not bring my dog?", "Can I not bring my dog? Yes, in a Carrier."),
    ],
)
def test_what_says_something_else_without_its_heading_is_said_with_it(text, heading, said):
    assert under_heading(text, heading) == said
