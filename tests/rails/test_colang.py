from __future__ import annotations

import pytest

from assistant.rails.colang import Assignment, Branch, Refusal, parse_flow, parse_texts

RAIL = """# A note.
define subflow quiet hours   # with a note of its own
  $late = $turn > 3

  if $late and $task == "answer"
    bot refuse late
    stop
  else if $task == "write"
    if $turn > 1
      bot refuse copy
      stop
  else
    $x = 1
"""


def test_a_rail_is_read_with_its_branches_and_lines() -> None:
    flow, problems = parse_flow("input/quiet-hours.co", RAIL)

    assert problems == ()
    assert flow is not None and flow.name == "quiet hours" and flow.line == 2
    assignment, branch = flow.body
    assert isinstance(assignment, Assignment) and assignment.line == 3
    assert isinstance(branch, Branch) and [line for line, _, _ in branch.cases] == [5, 8]
    assert branch.cases[0][2] == (Refusal("refuse late", 6),)
    assert isinstance(branch.cases[1][2][0], Branch) and isinstance(branch.otherwise[0], Assignment)


def test_forms_and_messages_are_read_with_their_lines() -> None:
    text = 'define user ask about follow-up # note\n  "is it # really 5 %?"\n\n  "when"\ndefine user greet\n  "hi"\n'

    forms, problems = parse_texts("topics.co", text, "user")

    assert problems == ()
    assert [(form.name, form.texts) for form in forms] == [
        ("ask about follow-up", ((2, "is it # really 5 %?"), (4, "when"))),
        ("greet", ((6, "hi"),)),
    ]


@pytest.mark.parametrize(
    ("body", "line", "reason"),
    [
        ("  if $turn > 1\n    bot refuse late\n", 3, "does not stop"),
        ("  if $turn > 1\n    bot refuse late\n  stop\n", 3, "does not stop"),
        ("  if $turn > 1\n    stop\n", 3, "stops without saying anything"),
        ("  if $turn > 1\n    bot refuse late\n    stop\n    bot refuse more\n    stop\n", 5, "never reached"),
        ("  if $turn > 1\n    bot a\n    stop\n  else\n    bot b\n    stop\n  $x = 1\n", 8, "never reached"),
        ("  if $turn > 1\n  bot refuse late\n  stop\n", 2, "nothing is indented below"),
        ("  if $turn > 1\n    bot a\n    stop\n   bot b\n   stop\n", 5, "indented by 3 spaces"),
        ("  if\n    bot a\n    stop\n", 2, "has no condition"),
        ("  else\n    bot a\n    stop\n", 2, "`else` without an `if`"),
        ("  elif $turn > 1\n    bot a\n    stop\n", 2, "write `else if`"),
        ("  if $turn > 1\n    bot a\n    stop\n  elif $turn > 2\n    bot a\n    stop\n", 5, "write `else if`"),
        ("  if $turn > 1:\n    bot a\n    stop\n", 2, "colon"),
        ('  if $turn > 1\n    bot "You cannot."\n    stop\n', 3, "name of a message"),
        ('  if $task == "write\n    bot a\n    stop\n', 2, "not closed"),
        ("\tif $turn > 1\n\t\tbot a\n\t\tstop\n", 2, "tab"),
        ("  if $turn > 1\n  \tbot a\n    stop\n", 3, "tab"),
        ("  if $turn > 1\n    bot stop\n    stop\n", 3, "reads `stop`"),
        ("  if $turn > 1\n    bot says no\n    stop\n", 3, "reads `stop`, `says`"),
        ("  if $turn > 1\n    bot refuse something else\n    stop\n", 3, "`something` differently"),
        ("  execute steal(path=1)\n", 2, "can run nothing"),
        ("  exec steal\n", 2, "can run nothing"),
        ("  $x = execute steal\n", 2, "'execute' is not a value"),
        ("  do run input rails\n", 2, "can run nothing"),
        ("  await steal\n", 2, "can run nothing"),
        ("  import other\n", 2, "no other file"),
        ("  include other\n", 2, "no other file"),
        ("  while True\n    $x = 1\n", 2, "no loops"),
        ("  for $x in $y\n    $z = 1\n", 2, "no loops"),
        ("  when user greet\n    bot a\n", 2, "not part of rails"),
        ("  goto end\n", 2, "not part of rails"),
        ("  event StartInputRail\n", 2, "answers to no event"),
        ("  create event X\n", 2, "answers to no event"),
        ("  user greet\n    bot a\n    stop\n", 2, "answers to no event"),
        ('  """A docstring."""\n', 2, "a rail may use"),
        ("  $x += 1\n", 2, "a rail may use"),
        ("  $x.y = 1\n", 2, "a rail may use"),
        ("  if $turn > 1 \u202e\n    bot a\n    stop\n", 2, "cannot be seen"),
        ("  if $turn > 1\n    bot a\u2028stop\n    stop\n", 3, "cannot be seen"),
        ("  # fine \u202e to look at\n  if $turn > 1\n    bot a\n    stop\n", 2, "cannot be seen"),
        ("  if $turn > 1\n    bot a\\\n    stop\n", 3, "backslash"),
    ],
)
def test_a_mistake_in_a_rail_is_named_with_its_line(body: str, line: int, reason: str) -> None:
    _, problems = parse_flow("input/late.co", "define subflow late\n" + body)

    assert ("input/late.co", line) in [(each.file, each.line) for each in problems if reason in each.message]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", None, "defines nothing"),
        ("# only a note\n", None, "defines nothing"),
        ("flow late\n  if $turn > 1\n    bot a\n    stop\n", 1, "before any `define subflow"),
        ("define flow late\n  $x = 1\n", 1, "may only hold `define subflow"),
        ("define parallel subflow late\n  $x = 1\n", 1, "may only hold `define subflow"),
        ('define user greet\n  "hi"\n', 1, "may only hold `define subflow"),
        ("  define subflow late\n    $x = 1\n", 1, "beginning of the line"),
        ("def subflow late\n  $x = 1\n", 1, "may only hold `define subflow"),
        ("define subflow Late_Hours\n  $x = 1\n", 1, "lower-case words"),
        ("define subflow late $n\n  $x = 1\n", 1, "lower-case words"),
        ("define subflow late\n  $x = 1\n\ndefine subflow early\n  $x = 1\n", 4, "a second `define`"),
        ('define subflow late\n  $x = 1\ndefine bot a\n  "b"\n', 3, "may only hold `define subflow"),
    ],
)
def test_a_rail_file_defines_one_subflow_and_nothing_else(text: str, line: int | None, reason: str) -> None:
    _, problems = parse_flow("input/late.co", text)

    assert any(each.line == line and reason in each.message for each in problems)


@pytest.mark.parametrize(
    ("what", "text", "line", "reason"),
    [
        ("user", "define user greet\n", 1, "has no text"),
        ("user", 'define user greet\n  "hi\n', 2, "not closed"),
        ("user", 'define user greet\n  "hi" "there"\n', 2, "one a line"),
        ("user", "define user greet\n  hi\n", 2, "only texts in double quotes"),
        ("user", 'define user greet\n  ""\n', 2, "empty"),
        ("user", 'define user greet\n"hi"\n', 2, "not indented"),
        ("user", 'define user greet\n  "hi"\n  bot greet\n', 3, "only texts in double quotes"),
        ("user", 'define bot greet\n  "hi"\n', 1, "may only hold `define user"),
        ("user", '"hi"\n', 1, "before any `define user"),
        ("user", 'define user "greet"\n  "hi"\n', 1, "lower-case words"),
        ("bot", 'define bot refuse\n  "Costs $price."\n', 2, "not allowed in it"),
        ("bot", 'define bot refuse\n  "Hello {{ config }}."\n', 2, "not allowed in it"),
        ("bot", 'define bot refuse\n  "{% for x in y %}"\n', 2, "not allowed in it"),
        ("bot", 'define flow refuse\n  "a"\n', 1, "may only hold `define bot"),
    ],
)
def test_a_mistake_in_texts_is_named_with_its_line(what: str, text: str, line: int, reason: str) -> None:
    _, problems = parse_texts("x.co", text, what)  # type: ignore[arg-type]

    assert any(each.line == line and reason in each.message for each in problems)
