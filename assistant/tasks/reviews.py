"""A batch of reviews as counts: themes, shares and ratings are computed here, the model only words them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.messages import Document, Evidence
from assistant.tasks.forms import REVIEW, UNRATED, form_of, lines

THEME = "theme_"
PhraseCounts = Callable[[str], dict[str, int]]
"""How often each named phrase list of the vertical occurs in a text."""


@dataclass(frozen=True, slots=True)
class Review:
    """What one customer wrote, with its place in the document."""

    document: Document
    text: str
    rating: float | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Count:
    """A statement about all reviews, and the theme it is about (None: about all of them)."""

    theme: str | None
    statement: Evidence
    members: tuple[Review, ...]
    """The reviews that were counted."""


def read_reviews(documents: Sequence[Document]) -> tuple[Review, ...]:
    """Every review in `documents`: one a line where a document lists them, else the document as a whole."""
    found: list[Review] = []
    for document in documents:
        if form_of(document.text) != "reviews":
            found.append(Review(document, document.text.strip(), None, 0, len(document.text)))
            continue
        for line in lines(document.text):
            match = REVIEW.match(line.text) or UNRATED.match(line.text)
            if match is None:  # A heading above the list, or a review that runs over several lines.
                if found and found[-1].document is document and not line.text.startswith("#"):
                    last = found[-1]
                    found[-1] = replace(last, text=f"{last.text} {line.text}", end=line.end)
                continue
            found.append(Review(document, match["text"], _rating(match.groupdict()), line.start, line.end))
    return tuple(found)


def count_reviews(reviews: Sequence[Review], phrases: PhraseCounts) -> tuple[Count, ...]:
    """Counts and shares over `reviews`, most frequent theme first; nothing is stated that was not counted."""
    if not reviews:
        return ()
    hits = [phrases(review.text) for review in reviews]
    total = len(reviews)
    counts = [Count(None, _statement(reviews, _overall(reviews, hits)), tuple(reviews))]
    themes = sorted({name for each in hits for name in each if name.startswith(THEME)})
    by_theme = {theme: [i for i, each in enumerate(hits) if each.get(theme)] for theme in themes}
    for theme, members in sorted(by_theme.items(), key=lambda item: (-len(item[1]), item[0])):
        if members:
            label = theme.removeprefix(THEME).replace("_", " ")
            text = _theme_statement(label, [(reviews[i], hits[i]) for i in members], total)
            counts.append(Count(label, _statement(reviews, text), tuple(reviews[i] for i in members)))
    return tuple(counts)


def review_evidence(reviews: Sequence[Review]) -> tuple[Evidence, ...]:
    """Each review as evidence in the customer's own words."""
    return tuple(
        Evidence(
            r.document.id,
            r.document.title,
            r.text,
            r.start,
            r.end,
            origin="request",
            quote=r.document.text[r.start : r.end],
        )
        for r in reviews
    )


def tone(review: Review, hits: dict[str, int]) -> str:
    """positive, negative or mixed: by the rating where there is one, else by the words of praise and complaint."""
    if review.rating is not None:
        return "positive" if review.rating >= 4 else "negative" if review.rating <= 2 else "mixed"
    praise, complaint = hits.get("praise", 0), hits.get("complaint", 0)
    return "positive" if praise > complaint else "negative" if complaint > praise else "mixed"


def share(n: int, total: int) -> str:
    """`n` of `total` with the rounded percentage: "12 of 40 reviews (30%)"."""
    return f"{n} of {total} reviews ({round(100 * n / total)}%)"


def _overall(reviews: Sequence[Review], hits: Sequence[dict[str, int]]) -> str:
    tones = [tone(review, each) for review, each in zip(reviews, hits, strict=True)]
    total = len(reviews)
    said = [f"There are {total} reviews.", *_tone_sentences(tones, "")]
    ratings = [review.rating for review in reviews if review.rating is not None]
    if ratings:
        said.append(
            f"The average rating is {sum(ratings) / len(ratings):.1f} out of 5, from {len(ratings)} rated reviews."
        )
    return " ".join(said)


def _theme_statement(label: str, members: Sequence[tuple[Review, dict[str, int]]], total: int) -> str:
    tones = [tone(review, each) for review, each in members]
    verb = "mentions" if len(members) == 1 else "mention"
    said = [f"{share(len(members), total)} {verb} {label}."]
    if len(members) > total / 2:
        said.append(f"Most reviews mention {label}.")
    return " ".join([*said, *_tone_sentences(tones, f" that {verb} {label}")])


def _tone_sentences(tones: Sequence[str], which: str) -> list[str]:
    total, said = len(tones), []
    if total == 1:
        return [f"The review{which} is {tones[0]}."]
    for word in ("positive", "negative", "mixed"):
        n = tones.count(word)
        if n == total:
            return [f"All {total} reviews{which} are {word}."]
        if n:
            said.append(
                f"{n} of the {total} reviews{which} ({round(100 * n / total)}%) {'is' if n == 1 else 'are'} {word}."
            )
        if n > total / 2:
            said.append(f"Most reviews{which} are {word}.")
    return said


def _statement(reviews: Sequence[Review], text: str) -> Evidence:
    first = reviews[0].document
    end = max(review.end for review in reviews if review.document is first)
    title = first.title if all(review.document is first for review in reviews) else f"{len(reviews)} reviews"
    return Evidence(first.id, title, text, reviews[0].start, end, origin="count")


def _rating(groups: dict[str, str | None]) -> float | None:
    if groups.get("rating"):
        return float(groups["rating"] or 0)
    return float(len(groups["stars"] or "")) if groups.get("stars") else None
