import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from assistant.errors import InvalidDocument
from assistant.knowledge.documents import MAX_BYTES, read_document, read_documents, split
from assistant.messages import Document


def document(text: str, title: str = "Care") -> Document:
    return Document("care.md", title, text)


def write(file: Path, content: str | bytes) -> Path:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def pdf(*lines: tuple[int, int, str]) -> bytes:
    """A PDF of one page whose lines are given as (type size, height, text)."""
    content = "".join(f"BT /F1 {size} Tf 72 {y} Td ({text}) Tj ET\n" for size, y, text in lines).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(body)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + trailer


def docx(file: Path, *paragraphs: str) -> Path:
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    package = "http://schemas.openxmlformats.org/package/2006"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types xmlns="{package}/content-types"/>')
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships">'
            f'<Relationship Id="r1" Type="{office}" Target="word/document.xml"/></Relationships>',
        )
        archive.writestr("word/document.xml", f"<w:document {space}><w:body>{body}</w:body></w:document>")
    return file


def test_the_title_is_the_first_heading_or_else_the_file_name(tmp_path: Path):
    assert read_document(write(tmp_path / "a.md", "Hello.\n\n## Opening hours\n")).title == "Opening hours"
    assert read_document(write(tmp_path / "notes.txt", "Hello.")).title == "notes"


def test_a_csv_row_becomes_one_line_that_can_be_read_alone(tmp_path: Path):
    file = write(tmp_path / "t.csv", 'Model;Weight;Note\r\nS1;1.2 kg;"dims; swivels"\r\nS2;;\r\n')
    assert read_document(file).text == "Model: S1; Weight: 1.2 kg; Note: dims; swivels\nModel: S2"


def test_a_pdf_is_read_in_paragraphs_with_headings_by_size(tmp_path: Path):
    lines = [
        (18, 760, "Safety"),
        (11, 730, "Unplug the lamp before"),
        (11, 716, "it is cleaned."),
        (11, 690, "Keep it dry."),
    ]
    read = read_document(write(tmp_path / "s.pdf", pdf(*lines, (0, 670, "unseen"))))
    assert read.title == "Safety"
    assert read.text == "# Safety\n\nUnplug the lamp before it is cleaned.\n\nKeep it dry."


def test_a_word_document_is_read(tmp_path: Path):
    assert read_document(docx(tmp_path / "d.docx", "First.", "Second.")).text == "First.\n\nSecond."


def test_characters_that_no_reader_sees_are_left_out(tmp_path: Path):
    hidden = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    assert (
        read_document(write(tmp_path / "a.txt", f"\ufeffVis\u200bible\u202e{hidden}\r\nline\x07")).text
        == "Visible\nline"
    )


def locked_pdf() -> bytes:
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.exe", b"MZ", "is not a type we read"),
        ("a.txt", b"caf\xe9", "is not UTF-8"),
        ("a.md", b"caf\xe9", "is not UTF-8"),
        ("a.txt", b" \n", "holds no text"),
        ("a.csv", b"", "has no header row"),
        ("a.csv", b"a,b\n1,2,3\n", "row 2 has 3 cells, the header has 2"),
        ("a.csv", b'a,b\n"1"x,2\n', "is not a well-formed table"),
        ("a.pdf", b"%PDF-1.4 junk", "cannot be read as pdf; the file may be damaged"),
        ("a.pdf", pdf(), "holds no text; a scan needs text recognition first"),
        ("a.pdf", locked_pdf(), "is protected with a password"),
        ("a.docx", b"PK junk", "cannot be read as docx"),
        ("a.html", b"<div>" * 5000 + b"x", "is nested too deeply"),
        ("a.txt", b"x" * (MAX_BYTES + 1), "is larger than 10 MiB"),
    ],
)
def test_a_bad_file_is_refused_with_a_plain_reason(tmp_path: Path, name: str, content: bytes, reason: str):
    with pytest.raises(InvalidDocument, match=reason):
        read_document(write(tmp_path / name, content))


def test_a_missing_file_is_refused(tmp_path: Path):
    with pytest.raises(InvalidDocument, match=r"a\.md: is not a file"):
        read_document(tmp_path / "a.md")


def test_a_bad_file_does_not_stop_the_rest(tmp_path: Path):
    write(tmp_path / "good.txt", "Good.")
    write(tmp_path / "bad.pdf", "junk")
    write(tmp_path / ".DS_Store", "x")
    (tmp_path / "folder").mkdir()
    reading = read_documents(tmp_path)
    assert [each.id for each in reading.documents] == ["good.txt"]
    assert [each.file for each in reading.skipped] == ["bad.pdf", "folder"]
    assert reading.skipped[0].reason == "cannot be read as pdf; the file may be damaged"


def test_a_missing_folder_holds_nothing(tmp_path: Path):
    assert read_documents(tmp_path / "none").documents == ()


def test_passages_carry_the_path_of_their_headings_and_never_cross_one():
    passages = split(
        document("# Care\n\nIntro.\n\n## Glass\n\nWipe it.\n\n### Old glass\n\nDo not.\n\n## Oak\n\nOil it.\n")
    )
    assert [(each.heading, each.text) for each in passages] == [
        ("Care", "Intro."),
        ("Care › Glass", "Wipe it."),
        ("Care › Glass › Old glass", "Do not."),
        ("Care › Oak", "Oil it."),
    ]


def test_what_begins_within_a_list_has_what_leads_up_to_it_as_its_heading():
    items = "".join(f"- {name} in a closed box that weighs no more than ten kilograms\n" for name in "abcdefghijkl")
    text = f"# Trailers\n\nRead this first. You must never carry:\n{items}\nAll else is fine.\n"
    first, *others = split(Document("t.md", "Trailers", text))
    assert (first.heading, first.text.splitlines()[0]) == ("Trailers", "Read this first. You must never carry:")
    assert others and {each.heading for each in others if each.text.startswith("-")} == {
        "Trailers › You must never carry"
    }
    assert all(text[each.start : each.end] == each.text for each in others)


def test_list_items_and_rows_stay_whole_where_they_fit():
    items = [f"- Item {n} weighs 1.{n} kg. It is small." for n in range(8)]
    passages = split(document("\n".join(items)), max_words=20)
    assert [each.text for each in passages] == ["\n".join(items[n : n + 2]) for n in range(0, 8, 2)]


def test_a_long_paragraph_is_cut_between_sentences_only():
    text = "Dr. Ito weighs 1.5 kg of oak, e.g. Ash. " * 3 + "The last one, No. 7, ends here"
    passages = split(document(text), max_words=12)
    assert [each.text for each in passages] == ["Dr. Ito weighs 1.5 kg of oak, e.g. Ash."] * 3 + [
        "The last one, No. 7, ends here"
    ]


def test_text_without_any_sentence_end_is_still_cut():
    assert [len(each.text.split()) for each in split(document("word " * 205), max_words=40)] == [40, 40, 40, 40, 40, 5]


def test_writing_without_spaces_is_cut_too():
    assert max(len(each.text) for each in split(document("文" * 50_000))) < 4_000


@given(st.text(alphabet=st.sampled_from("ab .\n#-:1A\r\t\u2028é"), max_size=300), st.integers(1, 12))
def test_every_passage_is_the_document_word_for_word_and_nothing_is_lost(text: str, max_words: int):
    passages = split(document(text), max_words=max_words)
    assert all(each.text == text[each.start : each.end] and each.text.strip() for each in passages)
    ends = [0, *(each.end for each in passages)]
    between = [text[end : each.start] for end, each in zip(ends, passages, strict=False)] + [text[ends[-1] :]]
    left_out = [line for gap in between for line in gap.splitlines() if line.strip()]
    assert all(line.startswith("#") for line in left_out)
