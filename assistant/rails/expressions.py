"""The conditions of a rail: a small language of comparisons, parsed here so that nothing else is ever run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias


class ExpressionError(ValueError):
    """The expression means nothing here, or not what it seems to mean; the message says what would be right."""


@dataclass(frozen=True, slots=True)
class Reference:
    """`$topics.score`, `$task`, or a variable of the rail."""

    name: str
    member: str | None = None

    @property
    def path(self) -> str:
        """`topics.score`."""
        return f"{self.name}.{self.member}" if self.member else self.name


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, or True or False."""

    value: float | str | bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`."""

    operator: Literal["==", "!=", "<", "<=", ">", ">=", "in", "not in"]
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negation:
    """`not part`."""

    part: Expression


@dataclass(frozen=True, slots=True)
class Junction:
    """`a and b and …` or `a or b or …`."""

    word: Literal["and", "or"]
    parts: tuple[Expression, ...]


Expression: TypeAlias = Reference | Constant | Comparison | Negation | Junction

MAX_NESTED = 20
_TOKEN = re.compile(
    r"""\s*(?:
        (?P<string>"[^"]*")
      | (?P<number>\d+(?:\.\d+)?)(?![\w.])
      | (?P<reference>\$[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
      | (?P<operator><=|>=|==|!=|<|>|\(|\))
      | (?P<word>[A-Za-z_]\w*)
    )""",
    re.VERBOSE,
)
_PLAIN_TEXT = re.compile(r"[\w%£€.,;:/+-]+(?: [\w%£€.,;:/+-]+)*")
_COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in")


def parse_expression(text: str) -> Expression:
    """The expression in `text`; raises ExpressionError for anything but names, values, comparisons, and, or, not."""
    tokens = _Tokens(text)
    expression = _either(tokens)
    if tokens.next is not None:
        raise ExpressionError(
            f"{tokens.next!r} is not expected here; compare with == != < <= > >= in, join with and, or, not"
        )
    return expression


class _Tokens:
    def __init__(self, text: str) -> None:
        self._left = list(_tokenise(text))
        self._depth = 0

    def deeper(self) -> None:
        """Counts one `not` or bracket more; nobody can read twenty, and Python's stack ends somewhere too."""
        self._depth += 1
        if self._depth > MAX_NESTED:
            raise ExpressionError(f"more than {MAX_NESTED} brackets and `not` in one line; make it several rails")

    @property
    def next(self) -> str | None:
        return self._left[0] if self._left else None

    def take(self) -> str:
        if not self._left:
            raise ExpressionError("something is missing at the end of the line")
        return self._left.pop(0)

    def skip(self, piece: str) -> bool:
        if self.next != piece:
            return False
        self._left.pop(0)
        return True


def _tokenise(text: str) -> Iterator[str]:
    place, text = 0, text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(_strange(text[place:].lstrip()))
        yield match[match.lastgroup or 0]
        place = match.end()


def _strange(rest: str) -> str:
    if rest.startswith("'"):
        return 'texts stand in double quotes: "…"'
    if rest == ":":
        return "leave out the colon at the end of the line"
    if rest[0] == "=":
        return "use == to compare"
    return f"{rest[0]!r} is not allowed in a condition"


def _either(tokens: _Tokens) -> Expression:
    return _joined(tokens, "or")


def _joined(tokens: _Tokens, word: Literal["and", "or"]) -> Expression:
    part = _negated if word == "and" else _all
    parts = [part(tokens)]
    while tokens.skip(word):
        parts.append(part(tokens))
    return parts[0] if len(parts) == 1 else Junction(word, tuple(parts))


def _all(tokens: _Tokens) -> Expression:
    return _joined(tokens, "and")


def _negated(tokens: _Tokens) -> Expression:
    if tokens.skip("not"):
        tokens.deeper()
        return Negation(_negated(tokens))
    return _compared(tokens)


def _compared(tokens: _Tokens) -> Expression:
    left = _operand(tokens)
    if tokens.skip("not"):
        if not tokens.skip("in"):
            raise ExpressionError("after a value, `not` is only allowed as `not in`")
        return Comparison("not in", left, _operand(tokens))
    if tokens.next not in _COMPARISONS:
        return left
    comparison = Comparison(tokens.take(), left, _operand(tokens))  # type: ignore[arg-type]
    if tokens.next in _COMPARISONS:
        raise ExpressionError("one comparison at a time; join two with `and`")
    return comparison


def _operand(tokens: _Tokens) -> Expression:
    piece = tokens.take()
    if piece == "(":
        tokens.deeper()
        inner = _either(tokens)
        if not tokens.skip(")"):
            raise ExpressionError("a bracket is not closed")
        return inner
    if piece.startswith("$"):
        name, *members = piece[1:].split(".")
        if len(members) > 1:
            raise ExpressionError(f"{piece} has one dot too many")
        return Reference(name, members[0] if members else None)
    if piece.startswith('"'):
        return Constant(_text(piece[1:-1]))
    if piece[0].isdigit():
        return Constant(float(piece) if "." in piece else int(piece))
    if piece in ("True", "False"):
        return Constant(piece == "True")
    hint = f"; write {piece.capitalize()}" if piece in ("true", "false") else ""
    raise ExpressionError(
        f"{piece!r} is not a value: a value is a $measurement, a number, a text in double quotes{hint}"
    )


def _text(text: str) -> str:
    if not _PLAIN_TEXT.fullmatch(text):
        raise ExpressionError(f'the text "{text}" may hold words, digits and plain punctuation, with single spaces')
    return text


def references(expression: Expression) -> Iterator[Reference]:
    """Every name that `expression` reads."""
    match expression:
        case Reference():
            yield expression
        case Comparison(_, left, right):
            yield from (*references(left), *references(right))
        case Negation(part):
            yield from references(part)
        case Junction(_, parts):
            for each in parts:
                yield from references(each)


def emit(expression: Expression, renamed: Mapping[str, str] | None = None) -> str:
    """`expression` as Colang, fully bracketed, with the variables in `renamed` under their new names."""
    match expression:
        case Reference(name, member):
            new = (renamed or {}).get(name, name) if member is None else name
            return f"${new}.{member}" if member else f"${new}"
        case Constant(str(text)):
            return f'"{text}"'
        case Constant(value):
            return str(value)
        case Comparison(operator, left, right):
            return f"{_inner(left, renamed)} {operator} {_inner(right, renamed)}"
        case Negation(part):
            return f"not {_inner(part, renamed)}"
        case Junction(word, parts):
            return f" {word} ".join(_inner(part, renamed) for part in parts)


def _inner(expression: Expression, renamed: Mapping[str, str] | None) -> str:
    text = emit(expression, renamed)
    return text if isinstance(expression, Reference | Constant) else f"({text})"
