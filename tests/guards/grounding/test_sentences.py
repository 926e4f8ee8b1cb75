from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.guards.grounding.sentences import Piece, SentenceJoiner, leans_on_previous, split_pieces, split_sentences

PARTS = st.sampled_from(
    [
        "a",
        "Bc",
        "word",
        ". ",
        ".",
        "\n",
        "\n\n",
        "- ",
        "1. ",
        "?",
        '!" ',
        " ",
        '"',
        "12",
        "...",
        " Dr. ",
        " no. ",
        "(x)",
        "#",
        ", ",
    ]
)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Returns are free. Refunds take 5 days.", ("Returns are free.", "Refunds take 5 days.")),
        ("Dr. Smith gave 2.5 mg. twice daily. She left.", ("Dr. Smith gave 2.5 mg. twice daily.", "She left.")),
        ("See No. 5 today. No. It is closed.", ("See No. 5 today.", "No.", "It is closed.")),
        ("Any fever: no. The patient denies fever.", ("Any fever: no.", "The patient denies fever.")),
        ("# Returns\n- one\n- two\n1. First step. Go on.", ("# Returns", "- one", "- two", "1. First step.", "Go on.")),
        ("She asked “Ready?” and left! Good.", ("She asked “Ready?” and left!", "Good.")),
        (
            "Use it, e.g. in rain, at 9 a.m. sharp. J. Smith agrees.",
            ("Use it, e.g. in rain, at 9 a.m. sharp.", "J. Smith agrees."),
        ),
        ("i like it. you too. bye", ("i like it.", "you too.", "bye")),
        ("", ()),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text, sentences):
    assert split_sentences(text) == sentences


def test_a_line_that_is_merely_wrapped_does_not_end_a_sentence():
    text = "You can return any unopened item within thirty days of\ndelivery. Refunds follow."

    assert split_sentences(text) == (
        "You can return any unopened item within thirty days of\ndelivery.",
        "Refunds follow.",
    )


def test_a_sentence_is_given_out_as_soon_as_the_next_one_begins():
    joiner = SentenceJoiner()

    assert joiner.feed("Returns are free. ") == ()
    assert joiner.feed("Refunds") == (Piece("Returns are free.", ""),)
    assert joiner.flush() == (Piece("Refunds", " "),)
    assert joiner.flush() == ()


@given(st.lists(PARTS, max_size=40), st.lists(st.integers(1, 7), min_size=1, max_size=40))
def test_pieces_do_not_depend_on_how_the_text_is_cut_into_tokens(parts, lengths):
    text = "".join(parts)
    joiner = SentenceJoiner()
    pieces: tuple[Piece, ...] = ()
    position = turn = 0
    while position < len(text):
        length = lengths[turn % len(lengths)]
        pieces += joiner.feed(text[position : position + length])
        position, turn = position + length, turn + 1

    assert pieces + joiner.flush() == split_pieces(text)


@given(st.lists(PARTS, max_size=40))
def test_pieces_joined_give_the_text_back(parts):
    text = "".join(parts)

    assert "".join(piece.joiner + piece.text for piece in split_pieces(text)) == text.rstrip()


@pytest.mark.parametrize(
    "sentence",
    [
        "But not if opened.",
        "However, it is.",
        "It lasts two years.",
        "Otherwise call us.",
        "Except on Sundays.",
        "In that case, wait.",
    ],
)
def test_what_needs_the_sentence_before_leans_on_it(sentence):
    assert leans_on_previous(sentence)


@pytest.mark.parametrize(
    "sentence", ["Refunds take 5 days.", "It is possible to return items.", "Items can be returned."]
)
def test_what_stands_alone_does_not_lean(sentence):
    assert not leans_on_previous(sentence)
