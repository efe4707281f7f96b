"""QTI 1.2 written: Canvas's own shape, what reads the same again, and what is told to be lost."""

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import make
from quizapp.domain.documents import read_question
from quizapp.domain.imports import Outcome, judge
from quizapp.domain.problems import Place
from quizapp.formats import Picture, Written
from quizapp.formats.qti12 import Qti12
from quizapp.formats.quizapp_yaml import read_set_file

FILES = Path(__file__).parent / "files" / "qti12"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def normal(document: dict[str, Any]) -> dict[str, Any]:
    question, problems = read_question({"topic": "apis", **document}, Place("x", {}))
    assert question is not None, problems
    return question.document()


def again(written: Written) -> list[dict[str, Any]]:
    found = judge(Qti12.read(written.data, "x.zip", {}), "x.zip")
    assert found.count(Outcome.DROPPED) == 0
    return found.documents


def write(*documents: dict[str, Any]) -> Written:
    return Qti12.write("Backend", documents, {})


def files(written: Written) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(written.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def limits(*documents: dict[str, Any]) -> list[str]:
    return [limit.message for limit in write(*documents).limits]


def test_the_same_questions_make_the_same_file() -> None:
    question = normal(
        {"id": "q", "type": "true_false", "stem": {"plain": "TCP is a protocol."}, "answer": True}
    )

    assert write(question).data == write(question).data


def test_what_was_read_is_given_back() -> None:
    for name in ("canvas.xml", "older.xml"):
        first = judge(Qti12.read((FILES / name).read_bytes(), name, {}), name).documents
        plain = [each for each in first if "variants" not in each and "moodle" not in str(each)]

        assert again(Qti12.write("T", plain, {})) == plain


def test_the_package_has_the_shape_that_canvas_reads() -> None:
    written = write(
        normal(
            {
                "id": "q-1",
                "type": "true_false",
                "name": "TCP",
                "stem": {"plain": "TCP is a protocol."},
                "answer": True,
            }
        )
    )
    inside = files(written)
    manifest = etree.fromstring(inside["imsmanifest.xml"])
    hrefs = {each.get("href") for each in manifest.iter("{*}file")}
    [quiz] = [
        name for name in inside if name.endswith(".xml") and "meta" not in name and "manifest" not in name
    ]
    root = etree.fromstring(inside[quiz])
    fields = {
        each.findtext("{*}fieldlabel"): each.findtext("{*}fieldentry")
        for each in root.iter("{*}qtimetadatafield")
    }

    assert hrefs == set(inside) - {"imsmanifest.xml"}
    assert {each.get("type") for each in manifest.iter("{*}resource")} >= {"imsqti_xmlv1p2"}
    assert root.tag == "{http://www.imsglobal.org/xsd/ims_qtiasiv1p2}questestinterop"
    assert fields["question_type"] == "true_false_question"
    assert fields["points_possible"] == "1"
    assert [each.text for each in root.iter("{*}setvar")] == ["100"]
    assert etree.fromstring(inside[f"{quiz.partition('/')[0]}/assessment_meta.xml"]).get("identifier")
    assert (written.media_type, written.suffix) == ("application/zip", ".zip")


def test_pictures_go_into_a_folder_of_the_package_and_come_back() -> None:
    first = Qti12.read(b"", "x", {})
    address = first.add_image(PNG)
    name = address.removeprefix("asset:")
    question = normal(
        {"id": "q", "markup": "html", "type": "information", "stem": f'<img src="{address}" alt="map">'}
    )
    written = Qti12.write(
        "T", [question], {name: Picture("image/png", PNG), "other": Picture("image/png", b"x")}
    )

    assert files(written)[f"images/{name}.png"] == PNG
    assert not any("other" in path for path in files(written))
    assert b"$IMS-CC-FILEBASE$/images/" in b"".join(files(written).values())
    found = judge(Qti12.read(written.data, "x.zip", {}), "x.zip")
    assert found.documents == [question]
    assert found.images == {name: PNG}


def test_what_is_kept_goes_back_byte_for_byte() -> None:
    sources = [
        '<item ident="a" title="Bowl"><presentation/><odd  attribute=\'1\'/></item>',
        '<item ident="b"><presentation><b></item>',
    ]
    kept = [
        normal(
            {
                "id": f"k{number}",
                "type": "opaque",
                "stem": "x",
                "kind": "odd",
                "source": source,
                "origin": {"format": "qti12", "id": "ab"[number]},
            }
        )
        for number, source in enumerate(sources)
    ]
    written = write(*kept)

    assert all(any(source.encode() in data for data in files(written).values()) for source in sources)
    assert [each["source"] for each in again(written)] == sources
    assert [limit.message for limit in written.limits] == [
        "its source is no XML: it lies apart, in kept/1.xml"
    ]


def test_what_another_system_kept_is_left_out_and_told() -> None:
    question = normal(
        {
            "id": "k",
            "type": "opaque",
            "stem": "x",
            "kind": "stack",
            "source": "<question/>",
            "origin": {"format": "moodle_xml"},
        }
    )

    assert limits(question) == ["it was kept from another system and is left out"]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"type": "number", "answer": 1, "unit": "ms"}, "its unit is left out: answers are plain numbers there"),
        ({"type": "number", "answer": 1, "tolerance": {"significant_figures": 2}}, "significant figures are written as a range"),
        ({"type": "short_text", "answers": [{"text": "a*b"}, {"text": "c"}]}, "the pattern 'a*b' is left out: QTI 1.2 has no wildcards"),
        ({"type": "short_text", "answers": [{"text": "a*b"}]}, "its right answers are patterns, which QTI 1.2 does not have; it is left out"),
        ({"type": "short_text", "answers": [{"text": "a"}], "mistakes": [{"text": "b"}]}, "known mistakes without feedback are left out"),
        ({"type": "true_false", "answer": True, "misconception": "odd"}, "misconceptions are left out"),
        ({"type": "true_false", "answer": True, "versions": ["HTTP/2"]}, "its versions are left out"),
        ({"type": "true_false", "answer": True, "stem": "**Is** it?"}, "Markdown is written as HTML"),
        ({"type": "true_false", "answer": True, "stem": {"plain": "a\x0bb"}}, "characters that XML cannot hold are replaced"),
        ({"type": "true_false", "answer": True, "stem": {"html": f'<img src="asset:{"0" * 64}">'}}, "a picture of it is missing"),
        ({"type": "number", "variants": {"parameters": {"n": [1, 2]}}, "stem": "{{n}}?", "answer": "= n"}, "it has variants, and is written as one draw"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_told(document: dict[str, Any], message: str) -> None:
    question = normal({"id": "q", "stem": "Is it?", **document})

    assert message in limits(question)


def test_every_sample_is_written_or_left_out_with_a_word() -> None:
    for sample in sorted(make.SAMPLES.glob("*.yaml")):
        found, _ = read_set_file(sample.read_bytes(), sample.name)
        assert found is not None
        for question in found.questions:
            document = question.document()
            written = write(document)
            back = again(written) if b"<item" in b"".join(files(written).values()) else []
            assert len(back) == 1 or any("left out" in limit.message for limit in written.limits)
            assert all(each["type"] == document["type"] for each in back)


def test_formulas_in_markdown_become_what_canvas_draws() -> None:
    question = normal({"id": "q", "type": "information", "stem": "Lookups cost $O(\\log n)$, *not* `n`."})

    [back] = again(write(question))
    assert back["stem"] == "Lookups cost \\(O(\\log n)\\), <em>not</em> <code>n</code>."
