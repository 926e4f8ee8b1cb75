"""Files of other programs as plain text: a small program of its own, run once a file, within limits.

It imports nothing of ours, so that it starts quickly and a crafted file meets as little as possible. What comes out is
text with light structure: `# ` headings, `- ` list items, one line a table row, blank lines between paragraphs; then,
each after a form feed, the texts that readers do not see.
"""

from assistant.parsing.limits import MAX_SECONDS, REFUSED, SPENT
from assistant.parsing.text import PART_END, Text

__all__ = ["MAX_SECONDS", "PART_END", "REFUSED", "SPENT", "Text"]
