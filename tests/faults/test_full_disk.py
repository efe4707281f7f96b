"""No room is left for the database: saves are refused, pages are shown, and it goes on once there is room."""

import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from faults import checks
from faults.browsers import Browser, SignInDesk, save, submit
from faults.checks import Kept
from faults.conftest import QUESTIONS, published
from faults.processes import Server
from quizapp.db.engine import Database

Browse = Callable[..., Browser]

MOST_SAVES = 3000
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)

LIMITED_PAGES = """
import sys
from pathlib import Path
from sqlalchemy import Engine, event
from quizapp.cli import main

def limit(connection):
    connection.exec_driver_sql(f"PRAGMA max_page_count = {Path(sys.argv[1]).read_text()}")

event.listen(Engine, "begin", limit)
main(["serve", "--port", "0"])
"""


class Story:
    """Lena saves and Otto submits while nothing can be written."""

    def __init__(self, database: Database, server: Server, desk: SignInDesk, browse: Browse) -> None:
        self.database = database
        self.server = server
        quiz = published(database)
        lena, otto = desk.arrive(database, 2)
        self.people = [lena, otto]
        self.lena, self.otto = browse(server, lena), browse(server, otto)
        self.sitting, self.other_sitting = self.lena.start(quiz), self.otto.start(quiz)
        self.kept: list[Kept] = []
        self.number = 1
        assert self.save() == 200
        assert self.otto.save(self.other_sitting, 1, 1, {"number": ["42"]}).status == 200

    def save(self) -> int:
        """Lena saves her next answer, or the refused one again."""
        submission = {"number": [str(self.number)]}
        answer = self.lena.send(save(self.sitting, 1, self.number, submission))
        if answer.status == 200:
            self.kept.append(Kept(self.people[0].id, self.sitting, 1, self.number, submission))
            self.number = answer.json()["sequence"] + 1
        else:
            assert answer.headers.get_content_type() == "application/json", answer.body
            assert answer.status == 503, self.server.said()
            assert int(answer.headers["Retry-After"]) > 0
            assert "not saved" in answer.json()["error"].lower()
        return answer.status

    def save_until_full(self) -> None:
        assert any(self.save() == 503 for _ in range(MOST_SAVES)), "there was always room"

    def told_while_full(self) -> int:
        """Pages are shown and nothing is half done; returns what Otto's submit got."""
        pages = ["/quizzes", f"/attempts/{self.sitting}/questions/1", f"/attempts/{self.sitting}/summary"]
        assert {path: self.lena.get(path).status for path in pages} == dict.fromkeys(pages, 200), (
            self.server.said()
        )
        status = self.otto.send(submit(self.other_sitting)).status
        assert status in {302, 503}, self.server.said()
        self.nothing_is_broken()
        return status

    def nothing_is_broken(self) -> None:
        assert self.server.unexpected() == []
        assert checks.lost(self.database, self.kept) == []
        ids = [person.id for person in self.people]
        assert checks.problems(self.database, ids, questions=QUESTIONS) == []

    def goes_on(self) -> None:
        """The same process takes the same requests."""
        assert self.save() == 200
        assert self.otto.send(submit(self.other_sitting)).status == 302
        assert self.lena.send(submit(self.sitting)).status == 302
        assert self.otto.get(f"/attempts/{self.other_sitting}/result").status == 200
        self.nothing_is_broken()
        if self.database.is_sqlite:
            with self.database.reading() as session:
                assert session.scalar(text("PRAGMA integrity_check")) == "ok"


@pytest.fixture
def small_disk(tmp_path: Path, sqlite_template: Path) -> Iterator[Path]:
    """A disk of 4 MB."""
    if not sys.platform.startswith("linux"):
        pytest.skip("a disk of memory is made in Linux' way")
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount a small disk")
    shutil.copyfile(sqlite_template, place / "quizapp.db")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


class TestSmallDisk:
    """The real thing, where it may be made."""

    @pytest.fixture
    def database_url(self, small_disk: Path) -> str:
        return f"sqlite:///{small_disk / 'quizapp.db'}"

    def test_a_full_disk_refuses_saves_and_shows_pages(
        self,
        database: Database,
        serve: Callable[..., Server],
        desk: SignInDesk,
        browse: Browse,
        small_disk: Path,
    ) -> None:
        story = Story(database, serve(), desk, browse)
        filler = small_disk / "filler"

        with pytest.raises(OSError, match="No space"), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        story.save_until_full()
        story.told_while_full()

        filler.unlink()
        story.goes_on()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_files_that_may_not_grow_refuse_saves_and_pages_are_shown(
    database: Database, serve: Callable[..., Server], desk: SignInDesk, browse: Browse
) -> None:
    """The log is a file too: that it cannot be written must not matter to anybody."""
    server = serve()
    story = Story(database, server, desk, browse)
    pids = server.pids()
    assert len(pids) > 1

    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    story.save_until_full()
    assert story.told_while_full() == 503

    for pid in pids:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, UNLIMITED)
    story.goes_on()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_database_that_may_not_grow_refuses_saves_and_shows_pages(
    database: Database, serve: Callable[..., Server], desk: SignInDesk, browse: Browse, tmp_path: Path
) -> None:
    pages = tmp_path / "pages"
    pages.write_text("100000")
    story = Story(database, serve(command=("-c", LIMITED_PAGES, str(pages))), desk, browse)

    pages.write_text("1")  # which means: as many as there are
    story.save_until_full()
    story.told_while_full()

    pages.write_text("100000")
    story.goes_on()


NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
END $$;
CREATE TRIGGER no_room BEFORE INSERT ON step FOR EACH ROW EXECUTE FUNCTION no_room();
"""


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_without_room_refuses_saves_and_shows_pages(
    database: Database, serve: Callable[..., Server], desk: SignInDesk, browse: Browse
) -> None:
    """PostgreSQL's disk is not filled here; it only says what it says when its disk is full."""
    story = Story(database, serve(), desk, browse)
    with database.writing() as session:
        session.execute(text(NO_ROOM))
    try:
        story.save_until_full()
        assert story.told_while_full() == 503
    finally:
        with database.writing() as session:
            session.execute(text("DROP FUNCTION no_room CASCADE"))
    story.goes_on()
