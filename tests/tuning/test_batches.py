"""Examples in tokens."""

from pathlib import Path

import pytest

from assistant.errors import Invalid
from assistant.tuning.batches import Encoded, end_of_turn, that_fit


def test_a_turn_ends_with_the_token_at_which_the_server_stops(weights_dir: Path):
    from transformers import AutoTokenizer

    (weights,) = (weights_dir / "smollm2-135m").glob("*.gguf")
    tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
    tokenizer.eos_token = "<|endoftext|>"

    assert tokenizer.convert_ids_to_tokens(end_of_turn(tokenizer)) == "<|im_end|>"


def test_examples_that_are_too_long_are_left_out_and_told_and_none_at_all_is_refused():
    said: list[str] = []
    examples = [Encoded((1,) * length, 1) for length in (90, 300, 301)]
    assert that_fit(examples, "training", most=300, report=said.append) == examples[:2]
    assert said == ["1 of 3 training examples take more than 300 tokens and are left out"]
    with pytest.raises(Invalid, match=r"none of the 2 validation examples fits into 200 tokens: .*--max-tokens 300"):
        that_fit(examples[1:], "validation", most=200, report=said.append)
