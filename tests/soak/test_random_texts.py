"""Random texts by the ten thousand; run by `make soak`."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.guards.test_injection import read_in_every_way


@pytest.mark.soak
@settings(max_examples=10_000, deadline=None)
@given(st.text(max_size=400))
def test_ten_thousand_texts_do_not_break_the_normalisers(text):
    read_in_every_way(text)
