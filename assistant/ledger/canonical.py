"""The one way to write a value as JSON (RFC 8785), so that its digest is the same wherever it is written."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import rfc8785

_MOST = 2**53
"""From here on a whole number is not exact in every reader of JSON; RFC 8785 refuses it."""


def canonical(value: Any) -> str:
    """The one way to write `value` as JSON (RFC 8785); raises ValueError where there is none.

    A turn waits for its receipt, so what can be is written by a writer that is many times faster than RFC 8785's own.
    """
    with suppress(_Otherwise, TypeError):  # What orjson cannot write is a TypeError, too.
        return orjson.dumps(_alike(value), option=orjson.OPT_SORT_KEYS).decode()
    return rfc8785.dumps(value).decode()


class _Otherwise(Exception):
    """The two write the value differently, or RFC 8785 refuses it."""


def _alike(value: Any) -> Any:
    """The same value, as far as RFC 8785 sees, of nothing but what both write alike."""
    kind = type(value)
    if kind in _SAME:
        return value
    if kind is float:
        if 1e-4 <= value < _MOST and value % 1:
            return value
        if value.is_integer() and abs(value) < _MOST:
            return int(value)  # Without ".0"; and there is one zero.
        return orjson.Fragment(rfc8785.dumps(value))  # With an exponent, as a price often is.
    if kind is dict:
        if not all(map(str.isascii, value)):
            raise _Otherwise  # RFC 8785 sorts names by UTF-16.
        return {name: each if type(each) in _SAME else _alike(each) for name, each in value.items()}
    if kind is list or kind is tuple:
        return [_alike(each) for each in value]
    if kind is int and -_MOST < value < _MOST:
        return value
    raise _Otherwise


_SAME = frozenset((str, bool, type(None)))
