"""What the feedback adapter learns to write: a count, then sentences that stand in the reviews."""

from assistant.cases import Case, CaseDocument
from assistant.guards.grounding.sentences import split_sentences

REVIEWS = (
    "I love it. The staff are friendly and quick.",
    "Great value for the price! We came twice.",
    "The staff were rude to me. The room was cold and the soup was cold as well.",
    "Awful.",
    "The soup is great and the staff are friendly.",
)
CASE = Case(
    id="inn",
    task="summarize",
    question="Summarise these reviews.",
    documents=tuple(CaseDocument(id=f"r{n}", title=f"Review {n}", text=text) for n, text in enumerate(REVIEWS)),
    reference="The staff are friendly, and the soup is great. It is good value for the price.",
    other_references=("Friendly staff and great soup.",),
    cite=None,
    split="train",
)


def picked(cases: list[Case], *, times: int) -> list[Case]:
    from benchmarks.picked_summaries import picked  # Here and not above: scikit-learn comes with it.

    return list(picked(cases, times=times))


def test_a_picked_summary_is_a_count_if_there_is_one_and_what_reviews_say_that_no_one_person_says():
    made = picked([CASE], times=3)

    assert len({case.id for case in made}) == 3
    for case in made:
        shown = "\n\n".join(document.text for document in case.documents)
        said = [*split_sentences(case.reference)]
        if len(case.documents) > 1:
            assert said.pop(0) == "3 of the 5 reviews (60%) are positive."
        assert said and all(each in shown for each in said)
        assert not {"I love it.", "We came twice.", "The staff were rude to me."} & {*said}
        assert case.other_references == ()
    assert [len(case.documents) for case in made] == [5, 1, 5]


def test_the_summary_begins_with_what_comes_nearest_to_what_people_wrote():
    (made,) = picked([CASE], times=1)

    assert "The soup is great and the staff are friendly." in made.reference
    assert "Great value for the price!" in made.reference
    assert "cold" not in made.reference
