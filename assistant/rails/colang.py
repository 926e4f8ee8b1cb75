"""Reads the Colang that rails are written in: a strict part of Colang 1.0, every mistake with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from assistant.rails.expressions import Expression, ExpressionError, parse_expression
from assistant.rails.lines import Line, Problem, read_lines


@dataclass(frozen=True, slots=True)
class Block:
    """One `define user …` or `define bot …` with its texts."""

    name: str
    line: int
    texts: tuple[tuple[int, str], ...]
    """Line number and text of each."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """`bot <message>` and the `stop` after it."""

    message: str
    line: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """`$name = expression`."""

    name: str
    expression: Expression
    line: int


@dataclass(frozen=True, slots=True)
class Branch:
    """`if`, any `else if`, and `else`."""

    cases: tuple[tuple[int, Expression, tuple[Statement, ...]], ...]
    """Line, condition and body of each."""
    otherwise: tuple[Statement, ...]

    @property
    def line(self) -> int:
        """Where the `if` stands."""
        return self.cases[0][0]


Statement: TypeAlias = Refusal | Assignment | Branch


@dataclass(frozen=True, slots=True)
class Flow:
    """One `define subflow`: the body of a rail."""

    name: str
    line: int
    body: tuple[Statement, ...]


def parse_texts(file: str, text: str, what: Literal["user", "bot"]) -> tuple[tuple[Block, ...], tuple[Problem, ...]]:
    """The blocks of topics.co (`user`) or messages.co (`bot`), and what is wrong with the file."""
    parser = _Parser(file, text)
    blocks = tuple(parser.block(header, lines, what) for header, lines in parser.definitions(what))
    return blocks, parser.problems


def parse_flow(file: str, text: str) -> tuple[Flow | None, tuple[Problem, ...]]:
    """The one subflow of a rail file, None when there is none, and what is wrong with the file."""
    parser = _Parser(file, text)
    found = list(parser.definitions("subflow"))
    if not found:
        return None, parser.problems
    for header, _ in found[1:]:
        parser.wrong(header.number, "a second `define`: one rail a file, so move it to a file of its own")
    header, lines = found[0]
    body = parser.statements(_Cursor(lines), header.indent)
    return Flow(parser.name(header, "subflow"), header.number, body), parser.problems


class _Cursor:
    """The lines of one body, taken one by one."""

    def __init__(self, lines: list[Line]) -> None:
        self._lines = lines
        self._place = 0

    @property
    def next(self) -> Line | None:
        return self._lines[self._place] if self._place < len(self._lines) else None

    def take(self) -> Line:
        self._place += 1
        return self._lines[self._place - 1]


MAX_INDENT = 40
_NAME = r"[^\W_A-Z]+(?:[ -][^\W_A-Z]+)*"
_BOT = re.compile(rf"bot ({_NAME})")
_TO_NEMO = re.compile(r"^stop$|^says\b|\bsomething\b")
_SET = re.compile(r"\$([A-Za-z_]\w*) = (.+)")
_CONDITION = re.compile(r"(?:else )?if (.+)")
_SUBSTITUTED = re.compile(r"\$|\{\{|\{%|\{#")
_NEVER = {
    **dict.fromkeys(("execute", "exec", "run", "do", "await", "activate", "start"), "a rail can run nothing"),
    **dict.fromkeys(("import", "include", "use"), "a rail can bring in no other file"),
    **dict.fromkeys(("while", "for", "foreach", "break", "continue"), "a rail has no loops"),
    **dict.fromkeys(
        ("when", "goto", "label", "return", "done", "abort", "pass", "any", "priority"), "not part of rails"
    ),
    **dict.fromkeys(
        ("event", "create", "new", "infer", "send", "match", "user", "expect"), "a rail answers to no event"
    ),
    **dict.fromkeys(("elif", "elseif"), "write `else if`"),
}
_ALLOWED = "a rail may use `if`, `else if`, `else`, `bot`, `stop` and `$name = …`"


class _Parser:
    def __init__(self, file: str, text: str) -> None:
        self._file = file
        lines, faults = read_lines(file, text)
        self._lines = lines
        self._problems = list(faults)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return tuple(self._problems)

    def wrong(self, line: int | None, message: str) -> None:
        self._problems.append(Problem(self._file, line, message))

    def definitions(self, what: str) -> Iterator[tuple[Line, list[Line]]]:
        """Each `define <what>` and the lines below it."""
        current: tuple[Line, list[Line]] | None = None
        found = False
        for line in self._lines:
            if line.text.split()[0] in ("define", "def"):
                if current:
                    yield current
                current, found = self._opened(line, what), True
            elif current:
                current[1].append(line)
            elif not found:
                self.wrong(line.number, f"stands before any `define {what} …` and would be ignored")
        if current:
            yield current
        if not found:
            self.wrong(None, f"defines nothing; it needs a line `define {what} …`")

    def block(self, header: Line, lines: list[Line], what: str) -> Block:
        texts = []
        for line in lines:
            self._indented(line, header)
            if line.text.startswith('"') and line.text.endswith('"') and line.text.count('"') == 2:
                texts.append((line.number, self._said(line, what)))
            else:
                self.wrong(line.number, "only texts in double quotes belong here, one a line")
        if not texts and not lines:
            self.wrong(header.number, f"`{header.text}` has no text below it")
        return Block(self.name(header, what), header.number, tuple(texts))

    def name(self, header: Line, what: str) -> str:
        name = header.text.removeprefix(f"define {what} ")
        if not re.fullmatch(_NAME, name):
            self.wrong(header.number, f"the name {name!r} may hold lower-case words and digits, with single spaces")
        return name

    def statements(self, cursor: _Cursor, above: int) -> tuple[Statement, ...]:
        """The statements indented below a line with `above` leading spaces."""
        found: list[Statement] = []
        level: int | None = None
        while (line := cursor.next) is not None and line.indent > above:
            if line.indent > MAX_INDENT:
                self.wrong(cursor.take().number, f"is indented by more than {MAX_INDENT} spaces; make it several rails")
                continue
            level = line.indent if level is None else level
            if line.indent != level:
                self.wrong(line.number, f"is indented by {line.indent} spaces, the lines it belongs to by {level}")
            if found and _always_stops(found[-1:]):
                self.wrong(line.number, "is never reached: the rail has stopped above")
            statement = self._statement(cursor)
            if statement:
                found.append(statement)
        return tuple(found)

    def _statement(self, cursor: _Cursor) -> Statement | None:
        line = cursor.take()
        word = line.text.split()[0]
        if word == "if":
            return self._branch(line, cursor)
        if word == "bot":
            return self._refusal(line, cursor)
        if match := _SET.fullmatch(line.text):
            expression = self._expression(line, match[2])
            return Assignment(match[1], expression, line.number) if expression else None
        if word == "else":
            self.wrong(line.number, "`else` without an `if` at the same indentation")
        elif word == "stop":
            self.wrong(line.number, "stops without saying anything; put `bot <message>` in the line above")
        else:
            self.wrong(line.number, f"`{line.text}`: {_NEVER.get(word, _ALLOWED)}")
        self.statements(cursor, line.indent)
        return None

    def _refusal(self, line: Line, cursor: _Cursor) -> Refusal | None:
        match = _BOT.fullmatch(line.text)
        after = cursor.next
        if after is None or after.text != "stop" or after.indent != line.indent:
            self.wrong(line.number, f"`{line.text}` says something but does not stop; put `stop` in the line below")
        else:
            cursor.take()
        if match is None:
            self.wrong(line.number, f"`{line.text}`: after `bot` comes the name of a message, in lower-case words")
        elif _TO_NEMO.search(match[1]):
            self.wrong(line.number, f"`{match[1]}`: Colang reads `stop`, `says` and `something` differently; rename it")
        return Refusal(match[1], line.number) if match else None

    def _branch(self, line: Line, cursor: _Cursor) -> Branch | None:
        cases = []
        while True:
            match = _CONDITION.fullmatch(line.text)
            condition = self._expression(line, match[1]) if match else None
            if match is None:
                self.wrong(line.number, f"`{line.text}` has no condition")
            body = self._below(line, cursor)
            if condition:
                cases.append((line.number, condition, body))
            after = cursor.next
            if after is None or after.indent != line.indent or not after.text.startswith("else"):
                return Branch(tuple(cases), ()) if cases else None
            line = cursor.take()
            if line.text == "else":
                otherwise = self._below(line, cursor)
                return Branch(tuple(cases), otherwise) if cases else None

    def _below(self, line: Line, cursor: _Cursor) -> tuple[Statement, ...]:
        if cursor.next is None or cursor.next.indent <= line.indent:
            self.wrong(line.number, f"nothing is indented below `{line.text}`")
        return self.statements(cursor, line.indent)

    def _expression(self, line: Line, text: str) -> Expression | None:
        try:
            return parse_expression(text)
        except ExpressionError as refused:
            self.wrong(line.number, str(refused))
            return None

    def _opened(self, line: Line, what: str) -> tuple[Line, list[Line]] | None:
        if line.indent:
            self.wrong(line.number, "`define` starts at the beginning of the line")
        if not line.text.startswith(f"define {what} "):
            self.wrong(line.number, f"`{line.text}`: this file may only hold `define {what} …`")
            return None
        return line, []

    def _indented(self, line: Line, header: Line) -> None:
        if line.indent <= header.indent:
            self.wrong(line.number, f"is not indented, so it does not belong to `{header.text}`; indent by two spaces")

    def _said(self, line: Line, what: str) -> str:
        text = line.text[1:-1].strip()
        if not text:
            self.wrong(line.number, "the text is empty")
        if what == "bot" and _SUBSTITUTED.search(text):
            self.wrong(line.number, "a message says what it says: `$`, `{{`, `{%` and `{#` are not allowed in it")
        return text


def _always_stops(statements: list[Statement] | tuple[Statement, ...]) -> bool:
    """Whether nothing gets past these statements."""
    for each in statements:
        if isinstance(each, Refusal):
            return True
        if isinstance(each, Branch) and each.otherwise:
            return _always_stops(each.otherwise) and all(_always_stops(body) for _, _, body in each.cases)
    return False
