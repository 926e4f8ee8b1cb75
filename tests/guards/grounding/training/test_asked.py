"""The questions that we wrote, and what the network is shown of them."""

import numpy as np
import pytest

from assistant.embedding import HashEmbedder
from assistant.guards.grounding.training.answerability import read_ours
from assistant.guards.grounding.training.asked import Written, read_written, written_lessons, written_passages
from assistant.guards.grounding.training.measure import auroc
from assistant.guards.grounding.training.network import Taught
from assistant.guards.grounding.training.teacher import sure
from assistant.guards.grounding.words import words_of

TENT = Written(
    "Fjellro 3 tent",
    "A tunnel tent.\n\n## Sizes\n\n| Part | Weight |\n|---|---|\n| Flysheet | 1.2 kg |\n| Poles | 0.9 kg |\n\n"
    "## Care\n\nNever leave the tent packed wet. Do not machine wash.",
    (
        ("How heavy are the poles?", "| Poles | 0.9 kg |"),
        ("ok to put it in the washing machine", "Do not machine wash."),
        ("What do spare poles weigh?", None),
    ),
)


def test_every_answer_stands_in_its_document_and_half_of_the_questions_have_none():
    documents = [*read_written(), *read_written("fit")]
    assert len({document.text for document in documents}) == len(documents) > 100
    for document in documents:
        answers = [answer for _, answer in document.questions]
        assert answers.count(None) == len(answers) / 2
        assert all(answer in document.text for answer in answers if answer is not None)


def test_sharing_words_with_the_document_hardly_tells_whether_it_answers():
    """Else that is what is learnt, in one direction or the other, and questions of another kind are misread."""
    shared, answered = [], []
    for document in [*read_written(), *read_written("fit")]:
        told = set(words_of(document.text).stems)
        for question, answer in document.questions:
            asked = set(words_of(question).stems)
            shared.append(len(asked & told) / max(1, len(asked)))
            answered.append(answer is not None)
    assert 0.35 <= auroc(np.array(shared), np.array(answered)) <= 0.65


def test_what_the_fit_sees_is_kept_from_the_network():
    learnt = {question for document in read_written() for question, _ in document.questions}
    assert learnt.isdisjoint(each.question for each in read_ours(HashEmbedder()))


def test_a_question_is_shown_with_what_answers_it_and_with_what_is_near():
    shown = {(each.first, each.second): each.label for each in written_lessons([TENT], HashEmbedder())}
    assert shown["How heavy are the poles?", "Fjellro 3 tent › Sizes: Poles; 0.9 kg"] == "supported"
    assert shown["ok to put it in the washing machine", "Do not machine wash."] == "supported"
    for (question, text), label in shown.items():
        answer = {"How heavy are the poles?": "0.9 kg", "ok to put it in the washing machine": "machine wash"}.get(
            question
        )
        assert (label == "supported") == (answer is not None and answer in text)
    assert {question for question, _ in shown} == {question for question, _ in TENT.questions}


def test_a_question_is_shown_with_another_document_too():
    boat = Written("Boat", "The boat is blue.", (("What colour is the boat?", "The boat is blue."),))
    shown = {(each.first, each.second): each.label for each in written_lessons([TENT, boat], HashEmbedder())}
    assert shown["What do spare poles weigh?", "Boat: The boat is blue."] == "unsupported"


def test_for_the_fit_each_question_has_one_passage():
    found = list(written_passages([TENT], HashEmbedder()))
    assert [(question, answered) for question, _, answered in found] == [(q, a is not None) for q, a in TENT.questions]
    assert found[0][1].startswith("Fjellro 3 tent › Sizes: ")


@pytest.mark.parametrize(("target", "odds"), [(0, 8.0), (3, -8.0)])
def test_among_what_a_teacher_tells_we_are_sure(target: int, odds: float):
    taught = sure(Taught(np.array([1, 2, 3], np.uint16), 2, 1, target))
    assert taught.odds == (0.0, 0.0, 0.0, odds)
