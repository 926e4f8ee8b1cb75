"""The program: the text of one file on standard output, or why not on standard error. Run isolated, by its path."""

from __future__ import annotations

import sys
from pathlib import Path

if __name__ == "__main__":  # Isolated (-I), Python looks in no folder of ours by itself.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from assistant.parsing.limits import MAX_CHARACTERS, MAX_MEMORY, REFUSED, limit_this_process
from assistant.parsing.markup import text_of_html, text_of_markdown
from assistant.parsing.pages import text_of_pdf
from assistant.parsing.tables import text_of_csv
from assistant.parsing.text import Refused, Text, text_of_txt
from assistant.parsing.word import text_of_docx

READERS = {
    ".md": text_of_markdown,
    ".txt": text_of_txt,
    ".html": text_of_html,
    ".htm": text_of_html,
    ".pdf": text_of_pdf,
    ".docx": text_of_docx,
    ".csv": text_of_csv,
}


def main(file: Path, seconds: int) -> int:
    """Writes the text of `file` to standard output, within the limits; the exit status."""
    limit_this_process(seconds)
    try:
        text = _read(file)
    except Refused as refused:
        sys.stderr.write(str(refused))
        return REFUSED
    sys.stdout.buffer.write(text.written().encode("utf-8", "replace"))
    return 0


def _read(file: Path) -> Text:
    try:
        text = READERS[file.suffix.lower()](file)
    except UnicodeDecodeError as error:
        raise Refused("is not UTF-8; save it as UTF-8") from error
    except MemoryError as error:
        raise Refused(f"needs more than {MAX_MEMORY >> 30} GiB of memory to read") from error
    except RecursionError as error:
        raise Refused("is nested too deeply to read") from error
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"holds {len(text):,} characters of text; the most is {MAX_CHARACTERS:,}")
    return text


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
