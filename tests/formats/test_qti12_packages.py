"""QTI 1.2 packages: where questions and pictures lie in them, and what hostile ones get."""

import io
import stat
import zipfile
from html import escape
from pathlib import Path

import pytest

from quizapp.domain.imports import Action, Import, Outcome, judge
from quizapp.formats import detected
from quizapp.formats.qti12 import Qti12

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
CORPUS = Path(__file__).parents[3] / "shared" / "formats"


def zipped(files: dict[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def read(data: bytes, name: str = "quiz.zip") -> Import:
    return judge(Qti12.read(data, name, {}), name)


def item(stem: str = "Is a CDN a cache?", ident: str = "i1") -> str:
    labels = "".join(
        f'<response_label ident="{word}"><material><mattext>{word}</mattext></material></response_label>'
        for word in ("Yes", "No")
    )
    return f"""<item ident="{ident}" title="CDN"><presentation>
<material><mattext texttype="text/html">{escape(stem, quote=False)}</mattext></material>
<response_lid ident="r" rcardinality="Single"><render_choice>{labels}</render_choice></response_lid></presentation>
<resprocessing><respcondition><conditionvar><varequal respident="r">Yes</varequal></conditionvar><setvar>1</setvar>
</respcondition></resprocessing></item>"""


def quiz(*items: str, title: str = "Caches") -> str:
    return (
        f'<questestinterop><assessment ident="a" title="{title}"><section ident="root_section">'
        f"{''.join(items or (item(),))}</section></assessment></questestinterop>"
    )


def manifest(*hrefs: str) -> str:
    resources = "".join(f'<resource type="imsqti_xmlv1p2"><file href="{href}"/></resource>' for href in hrefs)
    return (
        f"<manifest><metadata><title>Course</title></metadata><resources>{resources}</resources></manifest>"
    )


def stem(found: Import) -> str:
    return str((found.questions[0].document or {})["stem"])


def about(found: Import) -> list[tuple[str, Action]]:
    return [(said.code, said.action) for said in found.about_file]


# Where things lie


def test_questions_come_in_the_order_of_the_manifest_with_the_file_they_stand_in() -> None:
    data = zipped(
        {
            "b/b.xml": quiz(item(ident="b"), title="B"),
            "a a/a.xml": quiz(item(ident="a"), title="A"),
            "notes.html": "<item><presentation>",
            "imsmanifest.xml": manifest("a%20a/a.xml", "b/b.xml"),
        }
    )
    found = read(data)

    assert detected(data, "course.imscc") == "qti12"
    assert [each.member for each in found.questions] == ["a a/a.xml", "b/b.xml"]
    assert [(each.document or {})["category"] for each in found.questions] == ["A", "B"]
    assert found.title == "A"


def test_a_package_without_a_manifest_is_read_too() -> None:
    data = zipped({"quiz.dat": quiz()})

    assert Qti12.recognises(data, "x.zip") > 0
    assert read(data).count(Outcome.RECOVERED) == 1


def test_a_package_of_something_else_is_not_taken() -> None:
    assert (
        Qti12.recognises(zipped({"imsmanifest.xml": "<manifest/>", "q.xml": "<assessmentItem/>"}), "x.zip")
        == 0
    )
    assert Qti12.recognises(zipped({"questions.xml": "<question_categories/>"}), "x.mbz") == 0
    assert Qti12.recognises(b"PK\x03\x04broken", "x.zip") == 0


@pytest.mark.parametrize(
    "address",
    [
        "$IMS-CC-FILEBASE$/Uploaded Media/net map.png",
        "$IMS-CC-FILEBASE$/Uploaded%20Media/net%20map.png?canvas_download=1&amp;canvas_qs=a%3Db",
        "%24IMS-CC-FILEBASE%24/Uploaded%20Media/net%20map.png",
        "$IMS_CC_FILEBASE$/../Uploaded Media/net map.png",
        "%%LINKPATH%%net map.png",
        "../Uploaded Media/net map.png",
        "/webct/RelativeResourceManager/Template/Uploaded Media/net map.png",
    ],
)
def test_a_picture_is_found_however_its_address_is_written(address: str) -> None:
    data = zipped(
        {
            "i1/i1.xml": quiz(item(f'Look: <img src="{address}" alt="map">')),
            "web_resources/Uploaded Media/net map.png": PNG,
        }
    )
    found = read(data)

    assert [*found.images.values()] == [PNG]
    assert stem(found) == f'Look: <img src="asset:{next(iter(found.images))}" alt="map">'
    assert found.questions[0].diagnostics == ()


def test_pictures_as_materials_are_carried_over_and_other_files_are_told() -> None:
    shown = (
        "<material><mattext>See </mattext><matimage uri='map.png' label='the map'/>"
        "<matapplication uri='x/plan.pdf'/></material>"
    )
    text = quiz(item()).replace("<material><mattext texttype", f"{shown}<material><mattext texttype", 1)
    found = read(zipped({"q.xml": text, "map.png": PNG}))

    name = next(iter(found.images))
    assert stem(found) == f'See <img src="asset:{name}" alt="the map"><br>\nIs a CDN a cache?'
    assert [(said.code, said.action) for said in found.diagnostics] == [("attachment", Action.DROPPED)]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("https://example.org/map.png", "remote_image"),
        ("//example.org/map.png", "remote_image"),
        ("../../etc/passwd", "missing_image"),
        ("file:///etc/passwd", "remote_image"),
        ("note.txt", "image_kind"),
        ("double/map.png", "missing_image"),
    ],
)
def test_a_picture_from_elsewhere_is_never_fetched(address: str, code: str) -> None:
    files: dict[str, bytes | str] = {"a/map.png": PNG, "b/map.png": PNG, "note.txt": "no picture"}
    found = read(zipped({"q.xml": quiz(item(f'<img src="{address}">')), **files}))

    assert found.images == {}
    assert [said.code for said in found.diagnostics] == [code]
    assert f'src="{address}"' in stem(found)


def test_what_a_cartridge_has_twice_is_taken_once_and_told() -> None:
    found = read(
        zipped(
            {
                "i9/assessment_qti.xml": quiz(item(ident="same"), item(ident="only here")),
                "non_cc_assessments/i9.xml.qti": quiz(item(ident="same"), item(ident="more")),
            }
        )
    )

    assert [each.outcome for each in found.questions] == [Outcome.DROPPED, *[Outcome.RECOVERED] * 3]
    assert [(said.code, said.severity) for said in found.questions[0].diagnostics] == [("twin", "info")]


# Hostile packages


def test_names_that_lead_out_links_and_nested_archives_are_passed_over() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("../../evil.xml", quiz())
        archive.writestr("/abs.xml", quiz())
        archive.writestr("c:\\evil.xml", quiz())
        link = zipfile.ZipInfo("link.xml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", zipped({"q.xml": quiz()}))
        archive.writestr("good.xml", quiz())
    found = read(target.getvalue())

    assert [each.member for each in found.questions] == ["good.xml"]
    assert about(found) == [*[("archive_member", Action.DROPPED)] * 4, ("nested_archive", Action.DROPPED)]


def test_a_bomb_is_counted_while_it_is_read_and_harms_only_itself() -> None:
    bomb = quiz() + " " * 30_000_000
    found = read(zipped({"bomb.xml": bomb, "good.xml": quiz()}))

    assert [each.member for each in found.questions] == ["good.xml"]
    assert ("archive_member", Action.DROPPED) in about(found)


def test_too_many_members_and_broken_archives_are_refused() -> None:
    many = read(zipped({f"{number}.txt": "" for number in range(5_001)}))
    whole = zipped({"q.xml": quiz()})

    assert about(many)[0] == ("archive", Action.DROPPED)
    for part in range(20):
        cut = read(whole[: len(whole) * part // 20])
        assert cut.questions == ()
        assert all(said.line >= 1 for said in cut.about_file)


def test_entities_are_refused_and_every_question_is_kept_as_it_is() -> None:
    for declared in ('<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">'):
        text = f"<!DOCTYPE questestinterop [{declared}]>{quiz(item('&x; &b;'))}"
        found = read(text.encode(), "quiz.xml")

        assert [each.outcome for each in found.questions] == [Outcome.OPAQUE]
        assert found.questions[0].diagnostics[0].code == "entities"
        assert "root:" not in str(found.documents)


def test_a_document_type_without_entities_is_harmless() -> None:
    found = read(f'<!DOCTYPE questestinterop SYSTEM "ims_qtiasiv1p2.dtd">{quiz()}'.encode(), "quiz.xml")

    assert [each.outcome for each in found.questions] == [Outcome.RECOVERED]


@pytest.mark.parametrize(
    "text",
    [
        "<item " * 20_000,
        "<item ident='" * 20_000,
        "<!--" * 50_000,
        "<![CDATA[" * 50_000,
        '<item a="' + ">" * 100_000,
        "<item>" + "<and>" * 50_000 + "</item>",
        "<item><presentation>" + "&" * 100_000 + "</presentation></item>",
        "<section>" * 50_000 + item(),
    ],
    ids=["items", "quotes", "comments", "cdata", "signs", "depth", "ampersands", "sections"],
)
def test_endless_markup_is_read_in_one_go(text: str) -> None:
    found = read(f"<questestinterop>{text}</questestinterop>".encode(), "quiz.xml")

    assert len(found.questions) == sum(found.count(outcome) for outcome in Outcome)
    assert found.diagnostics or found.questions


def test_endless_scoring_is_refused() -> None:
    rules = (
        "<respcondition><conditionvar><varequal respident='r'>No</varequal></conditionvar></respcondition>"
        * 3_000
    )
    found = read(quiz(item().replace("<resprocessing>", f"<resprocessing>{rules}")).encode(), "quiz.xml")

    assert [said.code for said in found.questions[0].diagnostics] == ["scoring"]


# Real files


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real question files is not beside the project")
def test_every_question_of_the_real_files_is_recovered_or_kept() -> None:
    rows = [line.split("\t") for line in (CORPUS / "MANIFEST.tsv").read_text().splitlines()]
    counted = {Outcome.RECOVERED: 0, Outcome.OPAQUE: 0, Outcome.DROPPED: 0}
    gold = 0
    for row in rows:
        if row[0] == "qti12":
            found = read((CORPUS / row[1]).read_bytes(), row[1])
            assert found.count(Outcome.RECOVERED) + found.count(Outcome.OPAQUE) >= int(row[2]), row[1]
            gold += int(row[2])
            for outcome in Outcome:
                counted[outcome] += found.count(outcome)

    assert counted[Outcome.DROPPED] == 0
    assert counted[Outcome.RECOVERED] >= gold * 0.85
