"""Small models made for a vertical: cases read and checked, an adapter trained on them, and written for llama.cpp."""

from assistant.tuning.examples import Example, examples_of
from assistant.tuning.sections import SectionCase, read_section_cases, vertical_cases

__all__ = ["Example", "SectionCase", "examples_of", "read_section_cases", "vertical_cases"]
