"""How a label is written: in words, and joined as in the names of fields, `order_number`, `orderNumber`."""

from __future__ import annotations

JOINT = r"(?:\s+|[_-]|(?-i:(?<=[a-z])(?=[A-Z])))"
"""Between two words of a label."""
BEGINS, ENDS = r"(?<![^\W_])", r"(?![^\W_])"
"""Where a label begins and ends: also beside an underscore, as a word of a longer name."""
IS = r"\.?[\"'`*\])]{0,3}\s*(?:(?:[:=#>№]|is\b|was\b)\s*){0,3}[\"'`*(\[]{0,3}\s*\#?"
"""Between a label and its value."""


def label(*names: str) -> str:
    """A pattern of any of `names`, patterns whose words a blank parts, however the words are joined."""
    return rf"{BEGINS}(?:{'|'.join(name.replace(' ', JOINT) for name in names)})"
