"""Examples in tokens, put together so that little of a step is padding."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.errors import Invalid


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in tokens; the first `prompt` of them are given, the others are to be learnt."""

    ids: tuple[int, ...]
    prompt: int


def end_of_turn(tokenizer: Any) -> int:
    """The token that ends what a model says, by its chat template: llama.cpp stops there.

    Not what a tokenizer calls its end of text. Read from a GGUF, that is another one in other versions of transformers,
    and a model that learns it goes on talking (seen 2026-11-27).
    """
    said = [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}]
    after = tokenizer.apply_chat_template(said, tokenize=False).rpartition("!")[2]
    first: int = tokenizer(after, add_special_tokens=False).input_ids[0]
    return first


def that_fit(examples: Sequence[Encoded], part: str, *, most: int, report: Callable[[str], None]) -> list[Encoded]:
    """The examples of at most `most` tokens; says how many of the `part` are longer, raises Invalid where all are."""
    fit = [each for each in examples if len(each.ids) <= most]
    if examples and not fit:
        shortest = min(len(each.ids) for each in examples)
        raise Invalid(
            f"none of the {len(examples)} {part} examples fits into {most} tokens: the shortest takes {shortest}; give "
            f"--max-tokens {shortest} or more"
        )
    if len(fit) < len(examples):
        longer = len(examples) - len(fit)
        report(f"{longer} of {len(examples)} {part} examples take more than {most} tokens and are left out")
    return fit


def in_batches(examples: Sequence[Encoded], batch_tokens: int) -> Iterator[list[Encoded]]:
    """`examples` in order, in batches of at most so many tokens, padding counted."""
    batch: list[Encoded] = []
    for each in examples:
        width = max(len(other.ids) for other in (*batch, each))
        if batch and width * (len(batch) + 1) > batch_tokens:
            yield batch
            batch = []
        batch.append(each)
    if batch:
        yield batch
