"""A new rail begun from what a person says about it: what it stops, why, and what is said instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from assistant.errors import Invalid
from assistant.messages import Stage
from assistant.rails.rewriting import with_form, with_message, with_phrase, with_section, with_trial
from assistant.rails.sheets import POLICY_LINES

_NAME = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_FLOW = """define subflow {words}
  if {condition}
    bot refuse {words}
    stop
"""


@dataclass(frozen=True, slots=True)
class NewRail:
    """What a person says who wants a rail."""

    name: str
    """In words or hyphens: "sick notes"."""
    stage: Stage
    stopped: str
    """For questions one of those it stops; for answers words that it looks for."""
    trial: str
    """Another text that it must stop, in other words: one it has learned by heart would prove nothing."""
    passes: str
    """A text close to it that must be let through."""
    says: str
    """What is said instead."""
    paper: dict[str, str]
    """The five lines of policy.md by name: what it stops, why, its source, its owner and when it is reviewed."""

    @property
    def file_name(self) -> str:
        """The name in hyphens, as files and policy.md have it. Raises Invalid for one that no file can have."""
        name = "-".join(self.name.lower().split())
        if not _NAME.fullmatch(name):
            raise Invalid("a rail is named in plain small letters and digits, like: sick notes")
        return name


def begin_rail(rail: NewRail, text_of: Callable[[str], str]) -> dict[str, str]:
    """The files that change, by path, for `rail` to be there; `text_of` gives a file as it stands, empty for none.

    Raises Invalid for a name that is taken, or for what was left out.
    """
    name, words = rail.file_name, rail.file_name.replace("-", " ")
    if any(text_of(f"{stage}/{name}.co") for stage in ("input", "output")):
        raise Invalid(f"there is a rail {name} already")
    given = {"text it stops": rail.stopped, "second text it stops": rail.trial}
    for what, said in {**given, "text it lets through": rail.passes, "message": rail.says}.items():
        if not said.strip():
            raise Invalid(f"the {what} is missing")
    if lacking := [line for line in POLICY_LINES if not rail.paper.get(line, "").strip()]:
        raise Invalid(f"the reason is not whole: {', '.join(lacking)} must be filled in")
    if rail.stage == "input":
        form = f"ask about {words}"
        condition, source = (
            f'$topics.form == "{form}"',
            {"topics.co": with_form(text_of("topics.co"), form, rail.stopped)},
        )
    else:
        listed = name.replace("-", "_")
        condition = f"$phrases.{listed} > 0"
        source = {"phrases.yaml": with_phrase(text_of("phrases.yaml"), listed, rail.stopped)}
    examples = with_trial(text_of("examples.yaml"), name, "block", " ".join(rail.trial.split()))
    section = "\n".join(f"- {line}: {' '.join(rail.paper[line].split())}" for line in POLICY_LINES)
    return {
        f"{rail.stage}/{name}.co": _FLOW.format(words=words, condition=condition),
        **source,
        "messages.co": with_message(text_of("messages.co"), f"refuse {words}", rail.says),
        "policy.md": with_section(text_of("policy.md"), name, section),
        "examples.yaml": with_trial(examples, name, "pass", " ".join(rail.passes.split())),
    }
