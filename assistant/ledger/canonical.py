"""The one way to write a value as JSON (RFC 8785), so that its digest is the same wherever it is written."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import rfc8785

_MOST = 2**53
"""From here on a whole number is not exact in every reader of JSON; RFC 8785 refuses it."""


def canonical(value: Any) -> str:
    """The one way to write `value` as JSON (RFC 8785); raises ValueError where there is none.

    Python's own writer does it several times faster, for all that the two write alike; a turn waits for its receipt.
    Where something within is written otherwise, as the price of one answer often is, only that takes the longer way.
    """
    if _is_alike(value):
        written = _write(value)
        with suppress(UnicodeEncodeError):
            written.encode()
            return written
    return _part_by_part(value)


def _part_by_part(value: Any) -> str:
    if type(value) is dict and all(type(name) is str and name.isascii() for name in value):
        return "{" + ",".join(f"{_write(name)}:{canonical(value[name])}" for name in sorted(value)) + "}"
    if type(value) in (list, tuple):
        return "[" + ",".join(canonical(each) for each in value) + "]"
    if type(value) is float and value.is_integer() and abs(value) < _MOST:
        return str(int(value))  # Without ".0"; and there is one zero.
    return rfc8785.dumps(value).decode()


def _is_alike(value: Any) -> bool:
    """Whether Python writes the value as RFC 8785 does; looked through in one go, for most is."""
    left = [value]
    while left:
        each = left.pop()
        kind = type(each)
        if kind is str or kind is bool or each is None:
            continue
        if kind is float:
            # A whole one would get a ".0", and a small or a large one an exponent that ECMAScript writes otherwise.
            if each.is_integer() or not 1e-4 <= abs(each) < _MOST:
                return False
        elif kind is dict:
            for name in each:
                if type(name) is not str or not name.isascii():  # RFC 8785 sorts others by UTF-16.
                    return False
            left += each.values()
        elif kind is list or kind is tuple:
            left += each
        elif kind is not int or not -_MOST < each < _MOST:
            return False
    return True


_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode
