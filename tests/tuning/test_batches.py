"""Examples in tokens."""

from pathlib import Path

from transformers import AutoTokenizer

from assistant.tuning.batches import end_of_turn


def test_a_turn_ends_with_the_token_at_which_the_server_stops(weights_dir: Path):
    (weights,) = (weights_dir / "smollm2-135m").glob("*.gguf")
    tokenizer = AutoTokenizer.from_pretrained(weights.parent, gguf_file=weights.name)
    tokenizer.eos_token = "<|endoftext|>"

    assert tokenizer.convert_ids_to_tokens(end_of_turn(tokenizer)) == "<|im_end|>"
