from pathlib import Path

from assistant.parsing.markup import text_of_markdown, text_of_markup
from assistant.parsing.tables import row_text


def test_what_a_browser_would_not_show_is_left_out():
    page = """<html><head><title>T</title>
    <style>/* x */ .off, #gone { display : none } p:::odd {display:none}</style></head>
    <body><h1>Shown</h1><!-- comment --><script>script()</script>
    <p class=off>class</p><p id=gone>id</p><p hidden>attr</p>
    <p aria-hidden="TRUE">aria</p><p style="visibility:hidden">visibility</p><p style="font-size:0px">zero</p>
    <p style="font:0/0 a">font</p><p style="opacity: 0;">opacity</p><template>template</template>
    <p style="opacity:0.5; font-size:0.9em">half</p></body></html>"""
    text = text_of_markup(page)

    assert text.seen == "# Shown\n\nhalf"
    unseen = ["comment", "class", "id", "template", "attr", "aria", "visibility", "zero", "font", "opacity"]
    assert sorted(text.hidden) == sorted(unseen)


def test_headings_lists_tables_and_line_breaks_keep_their_structure():
    page = """<h2>Care</h2><p>Wipe  it<br>gently</p><ol start=3><li>one<ul><li>inner</ul><li>two</ol>
    <table><tr><th>Model<th>Weight<tr><td>S1<td>1.2&nbsp;kg<tr><td>S2<td></table><table><tr><td>Colour<td>red</table>"""
    assert text_of_markup(page).seen == (
        "## Care\n\nWipe it\ngently\n\n3. one\n- inner\n4. two\n\nModel: S1; Weight: 1.2 kg\nModel: S2\nColour: red"
    )


def test_a_page_without_headings_is_headed_by_its_title():
    assert text_of_markup("<title>Contact</title><p>Call us.").seen == "# Contact\n\nCall us."


def test_markdown_loses_its_marks_and_keeps_its_words(tmp_path: Path):
    file = tmp_path / "a.md"
    file.write_text("Title\n=====\n\nSome **bold** [link](https://x.example).\n\n```\n# code\n```\n<!-- hidden -->\n")
    assert text_of_markdown(file).seen == "# Title\n\nSome bold link.\n\n    # code"


def test_a_row_names_each_value_and_leaves_out_the_empty():
    assert row_text(["Model", "Weight", "Note"], ["S1", "", " two\nlines "]) == "Model: S1; Note: two lines"
