"""Small printed tables line up, in a terminal with wide characters and in a notebook."""

from povstats.printing import Grid, Summary, width

GRID = Grid("标题", ("", "估计值", "se"), (("截距", "1.0", "0.25"), ("education", "10.25", "0.5")), ("注：一",))


def test_columns_line_up_with_wide_characters():
    title, rule, *body, last, note = str(GRID).splitlines()
    assert (title, note, set(rule)) == ("标题", "注：一", {"─"})
    assert {width(line) for line in body} | {width(rule), width(last)} == {width(rule)}


def test_width_counts_places():
    assert width("贫困 a") == 6
    assert width("e\u0301") == 1  # an accent of its own takes no place


def test_words_are_left_numbers_right():
    row = str(GRID).splitlines()[-4]
    assert row.startswith("截距 ")
    assert row.endswith("0.25")


def test_html_escapes_and_says_the_same():
    page = Grid("<b>", ("", "x"), (("a&b", "1"),)).to_html()
    assert "&lt;b&gt;" in page
    assert "a&amp;b" in page


def test_a_summary_is_its_text():
    summary = Summary((GRID, GRID))
    assert repr(summary) == str(summary) == f"{GRID}\n\n{GRID}"
    assert summary._repr_html_() == GRID.to_html() * 2
