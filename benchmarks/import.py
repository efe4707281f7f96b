"""How fast files are imported: questions per second, beside what a known reader makes of the same file.

    python benchmarks/import.py [--questions 10000] [--megabytes 50]

Prints, from one run: reading and judging 10,000 GIFT questions, the same with `pygiftparser` where
that is installed (it only reads, and judges nothing), a Moodle XML file of 50 MB, and the highest
memory of the child that read it.
"""

import argparse
import contextlib
import importlib
import io
import resource
import time
from collections.abc import Callable
from typing import Any

from quizapp.domain.imports import Outcome
from quizapp.services.import_reading import Request, read_file, read_in_child

OPTIONS = ("a B-tree", "a hash table", "a heap", "a bitmap")


def gift(questions: int) -> bytes:
    """A file with single choice, numbers, true or false, matching and short texts in turn."""
    made = (
        "::Index {n}::[html]<p>Which structure serves range {n}?</p> "
        "{{={0}#Ordered. ~{1}#No order. ~{2} ~{3}####Why: order {n}.}}",
        "::Number {n}::How many pages hold {n} rows? {{#{n}:2#Right.####Rows by page.}}",
        "::Claim {n}::An index of {n} columns is always used. {{F#It is not.#Right.}}",
        "::Match {n}::Match structure and use {n}. {{={0} -> ranges ={1} -> equality ={2} -> none}}",
        "::Word {n}::The command that shows plan {n}? {{=EXPLAIN =%50%ANALYZE}}",
    )
    return "\n\n".join(made[n % len(made)].format(*OPTIONS, n=n) for n in range(questions)).encode()


def moodle_xml(megabytes: int) -> bytes:
    """A file of about that size; most of it is text, as in real ones."""
    filler = "<p>" + "A page holds rows, and an index leads to it. " * 40 + "</p>"
    parts, size, n = ['<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n'], 0, 0
    while size < megabytes * 1024 * 1024:
        answers = "".join(
            f'<answer fraction="{0 if place else 100}" format="html">'
            f"<text><![CDATA[<p>{text}</p>]]></text>"
            f'<feedback format="html"><text>Because {place}.</text></feedback></answer>'
            for place, text in enumerate(OPTIONS)
        )
        parts.append(
            f'<question type="multichoice"><name><text>Question {n}</text></name>'
            f'<questiontext format="html"><text><![CDATA[{filler}<p>Which one for {n}?</p>]]></text>'
            f"</questiontext><single>true</single>{answers}</question>\n"
        )
        size += len(parts[-1])
        n += 1
    return "".join([*parts, "</quiz>\n"]).encode()


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def told(what: str, seconds: float, questions: int, more: str = "") -> None:
    print(f"{what:<48} {questions:>7,} questions  {seconds:7.2f} s  {questions / seconds:>9,.0f} /s  {more}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--questions", type=int, default=10_000)
    arguments.add_argument("--megabytes", type=int, default=50)
    chosen = arguments.parse_args()
    data = gift(chosen.questions)
    seconds, read = timed(lambda: read_file(Request(data, "bench.gift", "gift")))
    ours = read.imported.count(Outcome.RECOVERED)
    told(f"GIFT, {len(data) / 1e6:.1f} MB, read and judged", seconds, ours)
    own = seconds
    seconds, read = timed(lambda: read_in_child(Request(data, "bench.gift", "gift")))
    told("  the same in a child with limits", seconds, read.imported.count(Outcome.RECOVERED))
    peer(data, own)
    data = moodle_xml(chosen.megabytes)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    seconds, read = timed(lambda: read_in_child(Request(data, "bench.xml", "moodle_xml")))
    after = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    found = len(read.imported.questions)
    memory = f"child's memory at most {max(before, after) / 1024:,.0f} MB"
    told(f"Moodle XML, {len(data) / 1e6:.1f} MB, in a child", seconds, found, memory)
    for each in read.imported.about_file:
        print(f"  {each.severity}: {each.message}")


def peer(data: bytes, own: float) -> None:
    """What `pygiftparser` needs to read the same file, where it is installed and reads it."""
    try:
        parser = importlib.import_module("pygiftparser.parser")
    except ImportError:
        print("pygiftparser is not installed, so there is nothing beside it")
        return
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            seconds, questions = timed(lambda: list(parser.parseFile(io.StringIO(data.decode()))))
        except Exception as error:  # whatever it says of a file that it cannot read is its answer
            questions, seconds = [], 0.0
            failure = f"{type(error).__name__}: {error}"
    if not questions:
        print(f"pygiftparser does not read the file: {failure}")
        return
    told("pygiftparser, read alone", seconds, len(questions), f"ours takes {own / seconds:.2f} times as long")


if __name__ == "__main__":
    main()
