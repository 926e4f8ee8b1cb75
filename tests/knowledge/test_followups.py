import pytest

from assistant.knowledge import stand_alone, stand_beside
from assistant.messages import Message

PRICE = "How much does the Tarn desk lamp cost?"


def ask(question: str, *earlier: str) -> str:
    turns = [turn for text in earlier for turn in (Message("user", text), Message("assistant", "It is £89."))]
    return stand_alone(question, turns)


@pytest.mark.parametrize(
    ("earlier", "question", "whole"),
    [
        (PRICE, "How much does it weigh?", "How much does the Tarn desk lamp weigh?"),
        ("Is the Heron waterproof?", "What are its dimensions?", "What are the Heron's dimensions?"),
        ("Tell me about Ember lamps.", "Can they be used outside?", "Can Ember lamps be used outside?"),
        (
            "How long is the warranty on the backpack?",
            "Does it cover wear and tear?",
            "Does the warranty on the backpack cover wear and tear?",
        ),
        ("How long is the warranty of the Tarn?", "And how much does it weigh?", "How much does the Tarn weigh?"),
    ],
)
def test_a_pronoun_is_replaced_by_what_the_last_question_was_about(earlier: str, question: str, whole: str):
    assert ask(question, earlier) == whole


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("Sorry, I meant the Heron tent.", "How much does the Heron tent cost?"),
        ("I mean the floor lamp", "How much does the floor lamp cost?"),
        ("Not the lamp, the tent", "How much does the tent cost?"),
        ("actually the Ember lamp", "How much does the Ember lamp cost?"),
        ("No, I meant the blue one", f"{PRICE} No, I meant the blue one"),
        ("I meant in winter", f"{PRICE} I meant in winter"),
    ],
)
def test_a_correction_puts_right_what_was_asked_before(question: str, whole: str):
    assert ask(question, PRICE) == whole


@pytest.mark.parametrize(
    "question",
    [
        "And for the blue one?",
        "How long?",
        "Why?",
        "In winter?",
        "How long does it take?",
        "Is that also true for sale items?",
        "Which one is cheaper?",
        "Tell me more",
        "Repeat that please",
        "And if I opened it?",
    ],
)
def test_another_follow_up_is_put_behind_the_last_question(question: str):
    assert ask(question, PRICE) == f"{PRICE} {question}"


@pytest.mark.parametrize(
    "question",
    [
        "How long does delivery take?",
        "Is it possible to return an opened item?",
        "How long does it take to get a refund?",
        "And what is your return policy?",
        "What happens to items if they arrive broken?",
        "Can I return a lamp after I opened it?",
        "What is the weight of the lamp that you sell?",
        "Is this lamp safe for children?",
        "In which countries do you ship?",
        "What does the one year warranty cover?",
        "Summarise this visit.",
        "returns",
        "Actually the lamp that I bought arrived broken, can I send it back?",
        "Who are you?",
        "What can you do?",
        "Thanks a lot!",
        "ok",
        "",
    ],
)
def test_a_question_that_stands_alone_is_unchanged(question: str):
    assert ask(question, PRICE) == question


def test_without_an_earlier_question_nothing_can_be_added():
    assert ask("How long?") == "How long?"
    assert ask("How long?", "Hello!") == "How long?"
    assert stand_alone("How long?", [Message("assistant", PRICE), Message("system", PRICE)]) == "How long?"


def test_small_talk_in_between_is_passed_over():
    assert ask("How much does it weigh?", PRICE, "ok thanks") == "How much does the Tarn desk lamp weigh?"


def test_a_chain_of_follow_ups_goes_back_to_what_it_is_about():
    assert ask("Is it dimmable?", PRICE, "How much does it weigh?") == "Is the Tarn desk lamp dimmable?"


def test_of_a_long_turn_only_its_last_question_counts():
    letter = "I bought many things. " * 200 + "How much does the Tarn desk lamp cost? Kind regards."
    assert ask("Is it dimmable?", letter) == "Is the Tarn desk lamp dimmable?"


def test_a_very_long_question_is_unchanged_and_costs_no_time():
    question = "And A it " * 100_000
    assert ask(question, PRICE, "The Big " * 100_000) == question


def test_the_same_question_about_another_thing_is_about_that_thing_alone() -> None:
    asked = [Message("user", "How long is the warranty on the Stormlea 2 tent?")]
    assert stand_alone("And for the backpack?", asked) == "How long is the warranty on the backpack?"
    assert stand_alone("what about the Ridgeline 40?", asked) == "How long is the warranty on the Ridgeline 40?"


@pytest.mark.parametrize(
    ("question", "whole"),
    [
        ("what is the warranty?", "what is the warranty of the Tarn?"),
        ("what is your address?", "what is your address?"),
        ("how heavy is the Heron?", "how heavy is the Heron?"),
    ],
)
def test_what_is_asked_beside_something_may_be_about_it(question: str, whole: str):
    assert stand_beside(question, ["How heavy is the Tarn"]) == whole
