from __future__ import annotations

import pytest

from assistant.guards.topics import TopicGuard

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


def test_small_talk_belongs_to_verticals_that_have_forms_for_it(embedder):
    guard = TopicGuard({name: texts for name, texts in FORMS.items() if name != "greet"}, embedder)

    assert guard.measure("thank you, you have been very kind").score < guard.limit


def test_a_counter_example_outweighs_the_forms_it_resembles(embedder):
    question, forms = "can you send parcels to the moon", {**FORMS, "off topic space": ["do you ship parcels to Mars"]}

    assert TopicGuard(forms, embedder).measure(question).score < TopicGuard(FORMS, embedder).measure(question).score


def test_a_stricter_target_lowers_the_automatic_limit(embedder):
    assert TopicGuard(FORMS, embedder, false_blocks=0.005).limit < TopicGuard(FORMS, embedder, false_blocks=0.10).limit
