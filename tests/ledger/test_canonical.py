"""What is digested is written as RFC 8785 writes it, however it is written faster."""

import math

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.ledger.canonical import canonical

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | FLOATS | st.text()
NUMBERS = st.sampled_from([0.0, -0.0, 1.0, 1e-4, 9.99e-5, 1e15, 1e16, 123456789012345680.0, 1e21, 5e-324, 0.1 + 0.2])
VALUES = st.recursive(
    SCALARS | NUMBERS,
    lambda inner: st.lists(inner) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(VALUES)
@settings(max_examples=100, deadline=None)
def test_every_value_is_written_as_rfc_8785_does(value):
    assert canonical(value) == rfc8785.dumps(value).decode()


def test_names_beyond_ascii_are_sorted_by_utf_16():
    assert canonical({"\ufffd": 1, "\U0001f600": 2, "a": 3}) == '{"a":3,"\U0001f600":2,"\ufffd":1}'


@pytest.mark.parametrize("value", [math.nan, math.inf, 2**53, "\ud800", {1: "a"}, {"a": {1, 2}}])
def test_what_has_no_such_form_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        canonical(value)
