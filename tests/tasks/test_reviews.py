from assistant.messages import Document
from assistant.tasks import count_reviews, form_of, read_reviews

BATCH = """# Reviews of May
- [4/5] Quick delivery, good box.
- [2/5] Delivery was late and the tent was torn.
- [no rating] delivery fine
Review 4 (5/5): Love the tent.
- [1/5] The zip broke
  after a week."""


def phrases(text: str) -> dict[str, int]:
    lowered = text.lower()
    return {
        "theme_delivery": lowered.count("delivery"),
        "theme_quality": sum(lowered.count(word) for word in ("torn", "broke", "zip")),
        "praise": sum(lowered.count(word) for word in ("love", "good", "quick")),
        "complaint": sum(lowered.count(word) for word in ("late", "torn", "broke")),
    }


def batch(text: str = BATCH) -> tuple[Document, ...]:
    return (Document("may", "May", text),)


def test_each_line_is_a_review_with_its_rating():
    reviews = read_reviews(batch())
    assert [review.rating for review in reviews] == [4, 2, None, 5, 1]
    assert reviews[-1].text == "The zip broke after a week."
    assert BATCH[reviews[3].start : reviews[3].end] == "Review 4 (5/5): Love the tent."


def test_counts_and_shares_are_those_of_the_reviews():
    overall, *themes = count_reviews(read_reviews(batch()), phrases)
    assert "There are 5 reviews." in overall.statement.text
    assert "2 of the 5 reviews (40%) are positive." in overall.statement.text
    assert "The average rating is 3.0 out of 5, from 4 rated reviews." in overall.statement.text
    assert [(theme.theme, theme.statement.text.split(".")[0]) for theme in themes] == [
        ("delivery", "3 of 5 reviews (60%) mention delivery"),
        ("quality", "2 of 5 reviews (40%) mention quality"),
    ]


def test_most_is_said_only_of_more_than_half():
    texts = [count.statement.text for count in count_reviews(read_reviews(batch()), phrases)]
    assert "Most reviews mention delivery." in texts[1]
    assert "Most" not in texts[2].split("mention quality.")[0]


def test_documents_that_are_one_review_each_are_counted_as_such():
    documents = tuple(
        Document(f"r{i}", f"Review {i}", text) for i, text in enumerate(["Good.", "Late delivery.", "Fine."])
    )
    assert len(read_reviews(documents)) == 3


def test_stars_and_plain_numbers_are_ratings():
    text = "★★★★☆ fine tent\n★☆☆☆☆ bad\n3/5: so so"
    assert form_of(text) == "reviews"
    assert [review.rating for review in read_reviews(batch(text))] == [4, 1, 3]


def test_no_reviews_count_to_nothing():
    assert count_reviews((), phrases) == ()
