"""Word documents: headings, lists and tables kept, and archives that unfold too far refused before they do."""

from __future__ import annotations

import zipfile
from pathlib import Path

from assistant.parsing.markup import text_of_markup
from assistant.parsing.text import Refused, Text

MAX_UNFOLDED = 64 << 20  # Bytes of all parts together; a long book with its markup has about ten million.
MAX_PARTS = 2000


def text_of_docx(file: Path) -> Text:
    """Text of a Word document, its headings, lists and tables kept."""
    import mammoth

    _refuse_bombs(file)
    with file.open("rb") as stream:
        no_images = mammoth.images.img_element(lambda _: {})
        page = mammoth.convert_to_html(stream, convert_image=no_images, style_map="p[style-name='Title'] => h1:fresh")
    return text_of_markup(page.value)


def _refuse_bombs(file: Path) -> None:
    """Raises Refused for an archive that says it is too large, and for parts that define entities, as no Word does.

    zipfile reads no more of a part than the archive says there is.
    """
    with zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        unfolded = sum(part.file_size for part in parts)
        if unfolded > MAX_UNFOLDED or len(parts) > MAX_PARTS:
            raise Refused(f"unfolds into {unfolded >> 20:,} MiB in {len(parts):,} parts; the most is 64 MiB in 2,000")
        for part in parts:
            if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.read(part):
                raise Refused("defines entities of its own, which no word processor does; save it anew")
