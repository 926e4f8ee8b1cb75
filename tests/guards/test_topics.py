from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.embedding import HashEmbedder
from assistant.guards.topics import TopicGuard
from assistant.guards.topics_limit import fit_scale
from assistant.guards.topics_signals import Material, Sentences, Signals

FORMS = {
    "ask about returns": [
        "how long do I have to send it back",
        "can I return an opened item",
        "what is your returns policy",
        "how do I get a refund",
    ],
    "ask about delivery": [
        "how long does delivery take",
        "do you deliver abroad",
        "where is my parcel",
        "how much is shipping",
    ],
    "off topic politics": ["who should I vote for", "what do you think of the government"],
    "greet": ["hello", "hi there", "good morning"],
}
_WITHOUT_WEIGHTS = TopicGuard(FORMS, HashEmbedder(), small_talk={"greet"})


@pytest.fixture(scope="module")
def guard(embedder):
    return TopicGuard(FORMS, embedder, small_talk={"greet"})


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("may I send back a jacket I tried on", "ask about returns"),
        ("will my package reach me by Friday", "ask about delivery"),
        ("good morning!", "greet"),
        ("Hello! How do refunds work?", "ask about returns"),
    ],
)
def test_what_the_forms_are_about_is_in_scope(guard, text, form):
    score = guard.measure(text)

    assert score.score >= guard.limit
    assert score.form == form


@pytest.mark.parametrize(
    "text",
    [
        "write me a poem about the sea",
        "which party would you vote for",
        "what is the weather in Rome",
        "Hello! Give me a recipe for soup.",
    ],
)
def test_what_they_are_not_about_is_off_topic(guard, text):
    assert guard.measure(text).score < guard.limit


def test_without_forms_nothing_is_in_scope(hash_embedder):
    assert TopicGuard({}, hash_embedder).measure("hello").score == 0.0


def test_the_automatic_limit_lets_the_forms_own_examples_through(hash_embedder):
    guard = TopicGuard(FORMS, hash_embedder)

    assert all(guard.measure(example).score >= guard.limit for example in FORMS["ask about returns"])


def test_knowledge_widens_the_scope(embedder):
    passages = embedder.embed(["The Stormlea 2 tent weighs 1.95 kg and sleeps two people."])
    question = "how heavy is the Stormlea 2 tent"

    assert (
        TopicGuard(FORMS, embedder, knowledge=passages).measure(question).score
        > TopicGuard(FORMS, embedder).measure(question).score
    )


@pytest.mark.parametrize(
    "text",
    [
        "thank you, you have been very kind",
        "lovely, that is all I wanted to know, thanks",
        "Have a pleasant weekend!",
        "thanks ever so much, what a relief",
        "see you next week, goodbye",
    ],
)
def test_small_talk_in_other_words_always_passes(guard, text):
    score = guard.measure(text)

    assert score.score >= guard.limit
    assert score.form == "greet"


@pytest.mark.parametrize(
    "text", ["which team is top of the league", "write a goodbye letter", "tell me a good night story"]
)
def test_a_request_that_only_sounds_like_small_talk_is_off_topic(guard, text):
    assert guard.measure(text).score < guard.limit


RENTAL = {
    "ask about prices": ["how much is a bike for a day", "which bike is the cheapest", "do students pay less"],
    "ask about the bikes": ["how heavy is the cargo bike", "which size do I need", "how far does the e-bike go"],
    "ask about shops and opening hours": ["when are you open", "where is your shop", "are you open on Sundays"],
    "off topic travel": ["book me a hotel", "which train goes to London"],
}
TALK = {
    "greet": ["hello", "hi there", "good morning", "nice to meet you"],
    "say thanks": ["thank you", "thanks a lot", "that was helpful, thanks"],
    "say goodbye": ["goodbye", "see you later", "good night"],
    "ask what you can do": ["what can you do", "who are you", "am I talking to a person", "what are you for"],
}
SAID_OF_THE_SHOP = [
    "The Spark is an e-bike in red or grey. It goes 70 km on one charge.",
    "The shop on the high street is open from 9 to 18. Bikes can be left at night in the lockers at the station.",
]


@pytest.fixture(scope="module")
def rental(embedder):
    """A new vertical: few forms and a passage or two, so that the nearest example is often a greeting."""
    return TopicGuard({**RENTAL, **TALK}, embedder, knowledge=embedder.embed(SAID_OF_THE_SHOP), small_talk=set(TALK))


@pytest.mark.parametrize(
    "text",
    [
        "What colour is the Spark?",
        "Are you there at night?",
        "Are you on the high street?",
        "Is the Spark nice?",
        "What is the Spark for?",
        "Where are you?",
        "Can I talk to a person on the phone?",
        "Can I see you later in the day to collect it?",
        "Have you got lights for the night?",
        "Do you meet people at the station?",
        "define ambivalence for me please",
    ],
)
def test_a_real_question_is_never_taken_for_small_talk(rental, text):
    assert rental.measure(text).form not in TALK


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Hey there!", "greet"),
        ("howdy", "greet"),
        ("hello, anyone there?", "greet"),
        ("ta very much", "say thanks"),
        ("I'm very grateful, thank you", "say thanks"),
        ("catch you later", "say goodbye"),
        ("Until tomorrow", "say goodbye"),
        ("What is this assistant for?", "ask what you can do"),
        ("which questions can you answer?", "ask what you can do"),
        ("are you a real person or a bot?", "ask what you can do"),
    ],
)
def test_small_talk_gets_its_form_in_a_new_vertical_too(rental, text, form):
    score = rental.measure(text)

    assert (score.form, score.score >= rental.limit) == (form, True)


ON_SUBJECT = [
    "The Spark is an e-bike. It costs 45 pounds a day and goes 70 km.",
    "Helmets and locks come with every bike.",
]
OFF_SUBJECT = ["The government lost its majority on Thursday.", "The opposition called for an election in May."]


@pytest.mark.parametrize(
    "instruction",
    [
        "Summarise this.",
        "Give me the key points",
        "TL;DR",
        "What does this say?",
        "Make it shorter",
        "Rewrite this as a short post",
        "Could you condense the text below?",
        "Turn this into a friendly e-mail.",
        "What are the most important takeaways?",
    ],
)
def test_a_general_instruction_is_about_what_it_came_with(rental, instruction):
    assert rental.measure(instruction, about=ON_SUBJECT).score >= rental.limit
    assert rental.measure(instruction, about=OFF_SUBJECT).score < rental.limit


@pytest.mark.parametrize(
    "instruction",
    [
        "Summarise this and tell me who to vote for",
        "Make it shorter and book me a hotel",
        "Give me the key points of the football match",
        "Rewrite this as a python script",
    ],
)
def test_an_instruction_with_a_subject_of_its_own_is_measured_by_that(rental, instruction):
    assert rental.measure(instruction, about=ON_SUBJECT).score < rental.limit


def test_what_is_asked_for_beside_a_general_instruction_may_be_on_the_subject(rental):
    assert (
        rental.measure("Summarise this and tell me which bike is the cheapest", about=ON_SUBJECT).score >= rental.limit
    )


def test_one_sentence_on_the_subject_brings_no_document_into_scope(rental):
    assert rental.measure("Summarise this.", about=[*OFF_SUBJECT, *OFF_SUBJECT, ON_SUBJECT[0]]).score < rental.limit


def test_a_long_document_is_read_in_part_and_from_all_over_it(rental):
    assert rental.measure("Summarise this.", about=OFF_SUBJECT * 50 + ON_SUBJECT * 1000).score >= rental.limit


def test_small_talk_belongs_to_verticals_that_have_forms_for_it(embedder):
    guard = TopicGuard({name: texts for name, texts in FORMS.items() if name != "greet"}, embedder)

    assert guard.measure("thank you, you have been very kind").score < guard.limit


def test_a_counter_example_outweighs_the_forms_it_resembles(embedder):
    question, forms = "can you send parcels to the moon", {**FORMS, "off topic space": ["do you ship parcels to Mars"]}

    assert TopicGuard(forms, embedder).measure(question).score < TopicGuard(FORMS, embedder).measure(question).score


def test_a_stricter_target_lowers_the_automatic_limit(embedder):
    assert TopicGuard(FORMS, embedder, false_blocks=0.005).limit < TopicGuard(FORMS, embedder, false_blocks=0.10).limit


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("Can I return opened shoes? Who won the football match?", "Can I return opened shoes?"),
        ("can I return opened shoes and who won the match last night?", "can I return opened shoes"),
        ("How much is shipping? Also, what is the capital of Peru?", "How much is shipping?"),
    ],
)
def test_what_is_asked_beside_the_subject_is_told_apart(guard, text, inside):
    assert guard.measure(text).score >= guard.limit
    assert guard.inside(text) == inside


@pytest.mark.parametrize(
    "text",
    [
        "I bought a jacket last week. Can I send it back? It has a hole.",
        "Can I return an opened item? Please let me know soon. What should I do?",
        "Hello! How do refunds work? Thank you very much!",
        "what is the weather in Rome and who won the match",
        "My order arrived on Monday. My name is [PERSON_1]. How do I get a refund?",
    ],
)
def test_context_courtesy_and_whole_questions_are_left_as_they_are(guard, text):
    assert guard.inside(text) == text


def test_a_guard_whose_sentences_were_kept_measures_alike_and_keeps_no_question(tmp_path, hash_embedder):
    first = TopicGuard(FORMS, hash_embedder, small_talk={"greet"}, kept=tmp_path)
    files = sorted(tmp_path.iterdir())
    again = TopicGuard(FORMS, hash_embedder, small_talk={"greet"}, kept=tmp_path)

    assert again.measure("can I send it back") == first.measure("can I send it back")
    assert again.limit == first.limit
    assert sorted(tmp_path.iterdir()) == files != []


def test_examples_that_repeat_each_other_do_not_raise_the_limit():
    inside = np.full(48, 0.4, dtype=np.float32)

    assert fit_scale(inside, 0.9, 0.02).limit <= fit_scale(inside, 0.5, 0.02).limit


def test_a_handful_of_examples_is_trusted_less_than_many():
    odd = np.array([2.0, 2.1, 1.9, 2.0], dtype=np.float32)
    few, many = fit_scale(odd, None, 0.02), fit_scale(np.tile(odd, 50), None, 0.02)

    assert few.middle < many.middle


def test_an_example_left_out_is_held_against_the_others_alone(hash_embedder):
    texts = ["how long does delivery take", "where is my parcel", "do you deliver abroad", "how much is shipping"]
    others = [text for text in texts if text != texts[0]]
    every, rest = (_signals(own, hash_embedder) for own in (texts, others))

    assert every.margins_left_out()[0] == pytest.approx(
        rest.margins(Sentences(texts[:1], hash_embedder.embed(texts[:1])))[0], abs=0.02
    )


@given(st.text(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_measured(text):
    score = _WITHOUT_WEIGHTS.measure(text)

    assert 0 <= score.score <= 1
    assert _WITHOUT_WEIGHTS.inside(text).strip() or not text.strip()


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "[EMAIL_1]", "\ud800", "a" * 1_000_000, "who? " * 200_000, "," * 1_000_000]
)
def test_a_megabyte_or_nothing_costs_no_more_than_its_length(text, in_proportion):
    in_proportion(_WITHOUT_WEIGHTS.measure, text)

    assert 0 <= _WITHOUT_WEIGHTS.measure(text).score <= 1


def _signals(own, embedder):
    nothing = Sentences([], embedder.embed([]))
    requests = ["what is the weather", "who won the match", "play some music"]
    return Signals(
        Material(
            own=Sentences(own, embedder.embed(own)),
            off=nothing,
            background=Sentences(requests, embedder.embed(requests)),
            knowledge=nothing.vectors,
        )
    )
