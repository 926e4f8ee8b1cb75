"""Files made to harm: each is refused by name, or read for what it says, within its limits."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
import zlib
from pathlib import Path

import pytest

from assistant import parsing
from assistant.errors import InvalidDocument
from assistant.knowledge import read_upload
from assistant.parsing import MAX_SECONDS, REFUSED
from assistant.parsing.__main__ import READERS

SECONDS = 2
PROGRAM = Path(parsing.__file__).with_name("__main__.py")
WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))


def docx(document: str | bytes, **more: bytes) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        parts.writestr("[Content_Types].xml", f'<Types xmlns="{PACKAGE}/content-types"/>')
        parts.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}" '
            'Target="word/document.xml"/></Relationships>',
        )
        parts.writestr("word/document.xml", document)
        for name, content in more.items():
            parts.writestr(name, content)
    return archive.getvalue()


def body(inner: str, before: str = "") -> str:
    return f"{before}<w:document {WORD}><w:body>{inner}</w:body></w:document>"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def lying_docx() -> bytes:
    """An archive whose directory says that a part of 3 MiB has 9 bytes."""
    honest = docx(b" " * (3 << 20))
    return honest.replace((3 << 20).to_bytes(4, "little"), (9).to_bytes(4, "little"))


def pdf(*objects: bytes, trailer: bytes = b"/Size 9 /Root 1 0 R") -> bytes:
    text, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, start=1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    return text + head + table + b"trailer\n<< %s >>\nstartxref\n%d\n%%%%EOF" % (trailer, len(text))


def page_of(content: bytes, more: bytes = b"") -> bytes:
    return pdf(
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content),
    )


def bomb(levels: int) -> bytes:
    content = b" " * (120 << 20)
    for _ in range(levels):
        content = zlib.compress(content, 1)
    return page_of(content, b"/Filter [%s]" % (b"/FlateDecode " * levels))


CATALOG = b"<< /Type /Catalog /Pages 2 0 R >>"
REFUSALS = {
    "an archive that unfolds": ("a.docx", lambda: docx(b" " * (65 << 20)), "unfolds into 65 MiB"),
    "an archive of many parts": ("a.docx", lambda: docx("x", **{f"p{n}": b"" for n in range(2000)}), "2,003 parts"),
    "an archive that lies about its size": ("a.docx", lying_docx, "cannot be read as docx"),
    "an archive without a document": ("a.docx", lambda: docx("").replace(b"word/document", b"word/documeNt"), "cannot"),
    "entities that multiply": (
        "a.docx",
        lambda: docx(body(paragraph("&l9;"), f"<!DOCTYPE w [{LAUGHS}]>")),
        "defines entities",
    ),
    "an entity that reads a file": (
        "a.docx",
        lambda: docx(body(paragraph("&x;"), '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>')),
        "defines entities",
    ),
    "XML nested too deeply": ("a.docx", lambda: docx(body("<w:p>" * 50_000 + "</w:p>" * 50_000)), r"nested|cannot"),
    "XML that never ends": ("a.docx", lambda: docx(f"<w:document {WORD}><w:body>"), "cannot be read as docx"),
    "a PDF stream that unfolds": ("a.pdf", lambda: bomb(1), r"cannot|memory|longer|no text"),
    "a PDF stream that unfolds twice": ("a.pdf", lambda: bomb(2), r"cannot|memory|longer|no text"),
    "a PDF whose pages hold themselves": (
        "a.pdf",
        lambda: pdf(CATALOG, b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"),
        r"cannot|nested|longer|no text",
    ),
    "a PDF of arrays in arrays": (
        "a.pdf",
        lambda: pdf(CATALOG, b"<< /Type /Pages /Kids " + b"[" * 50_000 + b"]" * 50_000 + b" /Count 1 >>"),
        r"nested|cannot|no text",
    ),
    "a PDF that points to itself": (
        "a.pdf",
        lambda: pdf(CATALOG, trailer=b"/Size 9 /Root 1 0 R /Prev 9"),
        r"cannot|no text",
    ),
    "a PDF that is a picture": ("a.pdf", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "cannot be read as pdf"),
    "a PDF cut off": ("a.pdf", lambda: page_of(b"BT ET")[:200], "cannot be read as pdf"),
    "a page nested too deeply": ("a.html", lambda: b"<b>" * 20_000 + b"x", "nested too deeply"),
    "a page of a million elements": ("a.html", lambda: b"<p>x" * 1_000_000, r"longer than 2 s|memory"),
    "Markdown quoted too deeply": ("a.md", lambda: b"[" * 200_000 + b"x", r"nested|longer|memory"),
    "a table of one open quotation": ("a.csv", lambda: b'a,b\n"' + b"x" * 200_000, "not a well-formed table"),
    "a table wider than its header": ("a.csv", lambda: b"a\n" + b"1," * 500_000, "row 2 has 500001 cells"),
    "text in half characters": ("a.txt", lambda: "x".encode("utf-16"), "is not UTF-8"),
    "text that nobody sees": ("a.txt", lambda: "\u200b\u202e\ufeff\0\x07".encode(), "holds no text"),
    "nothing": ("a.txt", lambda: b"", "holds no text"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_file_made_to_harm_is_refused_by_name(case: str):
    name, made, reason = REFUSALS[case]
    content = made()
    with pytest.raises(InvalidDocument, match=rf"^{name}: .*(?:{reason})") as raised:
        read_upload(name, content, seconds=SECONDS if "longer" in reason else MAX_SECONDS)
    assert "root:" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("a.html", b"<p>" + b"&amp;" * 1000 + b"</p>", "&" * 1000),
        ("a.html", b"<p title='" + b"x" * 1_000_000 + b"'>Seen.</p>", "Seen."),
        ("a.html", b"<style>" + b"a:not(" * 20 + b"{display:none}</style>Seen.", "Seen."),
        ("a.md", b"<script>steal()</script>\n\nSeen.", "Seen."),
        ("a.csv", b"a\n=cmd|' /C calc'!A0\n", "a: =cmd|' /C calc'!A0"),
        ("a.txt", "Vi\u200bsi\u202eble \U000e0041\0".encode(), "Visible "),
        ("../../etc/passwd.txt", b"Mine.", "Mine."),
        ("C:\\secret\\a.TXT", b"Mine.", "Mine."),
        ("a\n\0\u202e.txt", b"Mine.", "Mine."),
        ("x" * 5000 + ".txt", b"Mine.", "Mine."),
    ],
)
def test_a_strange_file_is_read_for_what_it_says(name: str, content: bytes, text: str):
    document = read_upload(name, content)
    assert document.text == text
    assert len(document.id) <= 200 and not set(document.id) & set("/\\\n\0\u202e")


def test_an_entity_in_a_page_reads_no_file():
    page = b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><p>&a; Seen."
    text = read_upload("a.html", page).text
    assert "Seen." in text and "root:" not in text


@pytest.mark.parametrize(
    "name", ["", "..", "a", "a.exe", "a.pdf.exe", ".txt ", "pdf", "a.doc", "/etc/passwd", "a.txt/"]
)
def test_a_name_that_does_not_tell_how_it_is_read_is_refused(name: str):
    if name == ".txt ":  # White space around a name is no part of it.
        assert read_upload(name, b"Mine.").id == ".txt"
        return
    with pytest.raises(InvalidDocument, match=r"\.md, \.txt"):
        read_upload(name, b"Mine.")


def test_it_runs_as_a_program_of_its_own_and_says_why_it_refuses(tmp_path: Path):
    file = tmp_path / "a.md"
    file.write_bytes(b"caf\xe9")
    command = [sys.executable, "-I", str(PROGRAM), str(file), "2"]
    result = subprocess.run(command, capture_output=True, text=True, check=False, env={}, cwd="/")
    assert (result.returncode, result.stdout, result.stderr) == (REFUSED, "", "is not UTF-8; save it as UTF-8")


def test_it_can_write_no_file_and_open_few(tmp_path: Path):
    file = tmp_path / "a.txt"
    file.write_text("x")
    probe = (
        "import sys; sys.path.insert(0, sys.argv[1]); from assistant.parsing.limits import limit_this_process as l; "
        "l(2); import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n open(sys.argv[2], 'w', buffering=1).write('spoilt\\n')\nexcept OSError: print('refused')"
    )
    root = str(PROGRAM.parents[2])
    said = subprocess.run(
        [sys.executable, "-I", "-c", probe, root, str(file)], capture_output=True, text=True, check=False
    )
    assert said.stdout == "refused\n"


def test_every_type_is_read_by_the_program_alone():
    assert sorted(READERS) == [".csv", ".docx", ".htm", ".html", ".md", ".pdf", ".txt"]
