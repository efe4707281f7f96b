"""What newcomers and operators get: the one script, the locks, the wheel, and the list of settings."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from quizapp.config import Settings

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCKS = ("requirements.lock", "requirements-dev.lock")
PIN = re.compile(r"^([a-z0-9-]+)==", re.MULTILINE)


def plain(name: str) -> str:
    """A requirement's bare name, as lock files spell it."""
    return re.split(r"[\[<>=; ]", name)[0].lower().replace("_", "-").replace(".", "-")


def wanted(*extras: str) -> set[str]:
    project = PROJECT["project"]
    names = list(project["dependencies"])
    for extra in extras:
        names += project["optional-dependencies"][extra]
    return {plain(name) for name in names} - {"quizapp"}


def pinned(lock: str) -> set[str]:
    return set(PIN.findall((ROOT / lock).read_text("utf-8")))


def test_the_locks_hold_what_the_project_asks_for():
    assert wanted("postgresql", "server") <= pinned("requirements.lock")
    assert wanted("postgresql", "server", "dev") <= pinned("requirements-dev.lock")
    assert "pytest" not in pinned("requirements.lock")


def test_what_is_tested_is_what_runs():
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_lock_names_a_host(lock):
    text = (ROOT / lock).read_text("utf-8")
    assert "://" not in text
    for entry in re.split(r"\n(?=[a-z0-9])", text.partition("\nalembic")[2]):
        assert "--hash=sha256:" in entry, entry.splitlines()[0]


def test_every_area_of_the_site_stands_in_the_contracts():
    areas = {f"quizapp.web.{path.parent.name}" for path in (ROOT / "quizapp" / "web").glob("*/views.py")}
    assert len(areas) > 5
    others = areas - {"quizapp.web.accounts"}
    contracts = {contract["name"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}
    assert others == set(contracts["Areas of the site do not know each other"]["modules"])
    assert others == set(contracts["Accounts know no other area"]["forbidden_modules"])


def test_every_setting_is_documented():
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    for name in Settings.model_fields:
        assert f"`QUIZAPP_{name.upper()}`" in text, name


def test_no_setting_is_documented_that_does_not_exist():
    text = (ROOT / "docs" / "configuration.md").read_text("utf-8")
    told = set(re.findall(r"`QUIZAPP_([A-Z_]+)`", text))
    assert told == {name.upper() for name in Settings.model_fields}


# The wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel, unpacked as an installer would."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        archive.extractall(folder / "installed")
    return folder / "installed"


def test_the_wheel_brings_all_that_the_program_reads(wheel):
    def names(root: Path, *suffixes: str) -> set[str]:
        found = (path for path in root.rglob("*") if path.suffix in suffixes)
        return {path.relative_to(root).as_posix() for path in found}

    for ours, packed in (
        ("quizapp", "quizapp"),
        ("migrations", "quizapp/_migrations"),
        ("question_bank", "quizapp/_question_bank"),
    ):
        suffixes = (".html", ".css", ".js", ".woff2", ".svg", ".yaml", ".py")
        expected = names(ROOT / ours, *suffixes)
        assert expected
        assert expected <= names(wheel / packed, *suffixes)
    assert (wheel / "quizapp" / "py.typed").exists()
    assert {path.parts[len(wheel.parts)] for path in wheel.rglob("*.py")} == {"quizapp"}


def test_an_installed_quizapp_finds_its_own_bank_and_migrations(wheel, tmp_path):
    environ = {k: v for k, v in os.environ.items() if not k.startswith("QUIZAPP_")}
    environ |= {"PYTHONPATH": str(wheel), "QUIZAPP_DATA_DIR": str(tmp_path / "data")}
    command = [sys.executable, "-P", "-m", "quizapp", "bank", "load"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.split(" new")[0].split()[-1]) > 50


# The one script, with a stand-in for Python that only writes down what it is asked for

TOOLS = ("sh", "cat", "cksum", "mkdir", "rm", "readlink", "dirname", "sleep", "chmod", "cp", "env", "sed")
STAND_IN = r"""#!/bin/sh
note() { printf '%s\n' "$*" >>"$NOTES"; }
case "$1 $2" in
    "-c "*version_info*) printf '%s\n' "$0" ;;
    "-c "*ensurepip*) [ ! -e "$WISHES/no-venv" ] ;;
    "-c "*sysconfig*) printf '%s\n' "${0%/bin/python}/packages" ;;
    "-m venv")
        note venv
        mkdir -p "$3/bin" "$3/packages"
        cp "$0" "$3/bin/python"
        ;;
    "-m pip")
        note "pip $*"
        [ ! -e "$WISHES/slow" ] || sleep 2
        [ ! -e "$WISHES/kill" ] || kill -9 "$PPID"
        [ ! -e "$WISHES/fail" ]
        ;;
    "-P -m")
        shift 3
        printf 'data %s\n' "$QUIZAPP_DATA_DIR"
        for word in "$@"; do printf 'word %s\n' "$word"; done
        ;;
    *) note "other $*"; note "full ${QUIZAPP_TEST_FULL:-no} data ${QUIZAPP_DATA_DIR:-none}" ;;
esac
"""


class Newcomer:
    """Somebody with a fresh checkout, in a folder with a space, and little else on the machine."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "my checkout"
        self.checkout.mkdir()
        for name in ("quiz", *LOCKS):
            shutil.copy(ROOT / name, self.checkout)
        self.bin = folder / "bin"
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found
            (self.bin / tool).symlink_to(found)
        self.notes = folder / "notes"
        self.wishes = folder / "wishes"
        self.wishes.mkdir()
        self.home = folder

    def gets(self, name: str, script: str = STAND_IN) -> None:
        path = self.bin / name
        path.write_text(script)
        path.chmod(0o755)

    def wishes_for(self, name: str) -> Path:
        path = self.wishes / name
        path.touch()
        return path

    def starts(self, *words: str, script: Path | None = None) -> subprocess.Popen[str]:
        environ = {"PATH": str(self.bin), "NOTES": str(self.notes), "WISHES": str(self.wishes)}
        command = [str(script or self.checkout / "quiz"), *words]
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self.home, env=environ, stdout=pipe, stderr=pipe, text=True)

    def runs(self, *words: str, script: Path | None = None) -> tuple[int, list[str], str]:
        process = self.starts(*words, script=script)
        out, err = process.communicate(timeout=60)
        return process.returncode, out.splitlines(), err

    def noted(self) -> list[str]:
        return (
            [line.split()[0] for line in self.notes.read_text().splitlines()] if self.notes.exists() else []
        )


@pytest.fixture
def newcomer(tmp_path: Path) -> Newcomer:
    someone = Newcomer(tmp_path)
    someone.gets("python3.12")
    return someone


def test_the_first_start_installs_and_the_second_does_not(newcomer):
    assert newcomer.runs()[:2] == (0, [f"data {newcomer.checkout}/instance", "word demo"])
    assert newcomer.noted() == ["venv", "pip"]
    assert "--require-hashes" in newcomer.notes.read_text()
    _, lines, errors = newcomer.runs("users", "create", "Ada Love lace", "")
    assert lines[1:] == ["word users", "word create", "word Ada Love lace", "word "]
    assert errors == ""
    assert newcomer.noted() == ["venv", "pip"]
    assert (newcomer.checkout / ".venv/packages/quizapp.pth").read_text() == f"{newcomer.checkout}\n"


def test_a_link_to_the_script_works_from_anywhere(newcomer):
    (newcomer.home / "one").symlink_to(newcomer.checkout / "quiz")
    (newcomer.bin / "two").symlink_to("../one")
    code, lines, _ = newcomer.runs("doctor", script=newcomer.bin / "two")
    assert (code, lines) == (0, [f"data {newcomer.checkout}/instance", "word doctor"])


@pytest.mark.parametrize(
    "happens",
    [
        lambda self: (self.checkout / "requirements.lock").write_text("# newer"),
        lambda self: (self.checkout / ".venv/bin/python").unlink(),
        lambda self: (self.checkout / ".venv/requirements.lock.stamp").write_text("half"),
        lambda self: shutil.rmtree(self.checkout / ".venv"),
    ],
    ids=["a newer lock", "Python went away", "a half stamp", "it was deleted"],
)
def test_an_environment_that_no_longer_fits_is_made_anew(newcomer, happens: Callable[[Newcomer], object]):
    newcomer.runs()
    happens(newcomer)
    assert newcomer.runs()[0] == 0
    assert newcomer.noted() == ["venv", "pip"] * 2
    assert newcomer.runs()[0] == 0
    assert newcomer.noted() == ["venv", "pip"] * 2


def test_a_moved_checkout_gets_a_new_environment(newcomer):
    newcomer.runs()
    newcomer.checkout = newcomer.checkout.rename(newcomer.home / "elsewhere")
    assert newcomer.runs()[1][0] == f"data {newcomer.checkout}/instance"
    assert newcomer.noted() == ["venv", "pip"] * 2


def test_a_failed_installation_says_so_and_is_repaired_by_the_next_run(newcomer):
    wish = newcomer.wishes_for("fail")
    code, lines, errors = newcomer.runs()
    assert (code, lines) == (1, [])
    assert "run ./quiz again" in errors
    wish.unlink()
    assert newcomer.runs()[0] == 0
    assert newcomer.noted() == ["venv", "pip"] * 2


def test_a_killed_installation_is_repaired_by_the_next_run(newcomer):
    wish = newcomer.wishes_for("kill")
    assert newcomer.runs()[0] == -9
    assert (newcomer.checkout / ".venv.lock").exists()
    wish.unlink()
    assert newcomer.runs()[0] == 0
    assert not (newcomer.checkout / ".venv.lock").exists()
    assert newcomer.noted() == ["venv", "pip"] * 2


def test_two_first_starts_at_once_install_once(newcomer):
    newcomer.wishes_for("slow")
    both = [newcomer.starts(), newcomer.starts()]
    assert [process.communicate(timeout=60)[0].splitlines()[1:] for process in both] == [["word demo"]] * 2
    assert [process.returncode for process in both] == [0, 0]
    assert newcomer.noted() == ["venv", "pip"]


def test_the_tests_add_to_the_same_environment(newcomer):
    newcomer.runs()
    assert newcomer.runs("test", "tests/domain", "-k", "a b")[0] == 0
    assert newcomer.noted() == ["venv", "pip", "pip", "other", "full"]
    newcomer.runs("test", "tests/domain")
    newcomer.runs()
    assert newcomer.noted() == ["venv", "pip", "pip", "other", "full", "other", "full"]


def test_the_tests_get_their_arguments_and_nobodys_settings(newcomer):
    newcomer.runs("test", "--full", "tests/domain", "-k", "a b")
    *_, asked, settings = newcomer.notes.read_text().splitlines()
    assert asked == "other -m pytest tests/domain -k a b"
    assert settings == "full 1 data none"


def test_all_checks_run_and_one_that_fails_is_named(newcomer):
    code, _, errors = newcomer.runs("test")
    assert code == 0
    assert newcomer.noted().count("other") == 6
    assert "FAILED" not in errors
    script = STAND_IN.replace('*) note "other', '*mypy*) exit 1 ;;\n    *) note "other')
    shutil.rmtree(newcomer.checkout / ".venv")
    newcomer.gets("python3.12", script)
    code, _, errors = newcomer.runs("test")
    assert code == 1
    assert [line.split()[1] for line in errors.splitlines() if "FAILED" in line] == ["mypy"]


def test_without_python_the_script_says_what_is_missing(newcomer):
    (newcomer.bin / "python3.12").unlink()
    newcomer.gets("python3", "#!/bin/sh\nexit 0\n")  # too old: it prints nothing
    code, _, errors = newcomer.runs()
    assert code == 1
    assert "Python 3.11 or newer" in errors


def test_a_python_that_cannot_make_environments_is_named(newcomer):
    newcomer.wishes_for("no-venv")
    code, _, errors = newcomer.runs()
    assert code == 1
    assert "python3-venv" in errors


def test_uv_is_used_where_it_is_and_done_without_where_it_fails(newcomer):
    uv = """#!/bin/sh
    printf 'uv %s\\n' "$*" >>"$NOTES"
    [ ! -e "$WISHES/no-uv" ] || exit 1
    [ "$1" = venv ] || exit 0
    mkdir -p "$6/bin" "$6/packages"
    cp "$5" "$6/bin/python"
    """
    newcomer.gets("uv", uv)
    assert newcomer.runs()[0] == 0
    assert newcomer.noted() == ["uv", "uv"]
    newcomer.wishes_for("no-uv")
    shutil.rmtree(newcomer.checkout / ".venv")
    assert newcomer.runs()[0] == 0
    assert newcomer.noted()[2:] == ["uv", "venv", "uv", "other", "full", "pip"]
