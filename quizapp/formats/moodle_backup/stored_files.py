"""The files of a backup: which there are for which question, and their bytes when a text names them."""

from quizapp.domain.imports import Action, Reading
from quizapp.formats.reading.archives import Archive, BadArchive
from quizapp.formats.reading.moodle_elements import children, said
from quizapp.formats.reading.moodle_files import PLACE, Contents, file_path
from quizapp.formats.reading.xml import BadXml, parse_xml

LISTING = "files.xml"


class StoredFiles:
    """Files by where they belong; each is read once, and only if it is named."""

    def __init__(self, archive: Archive, reading: Reading) -> None:
        self._archive, self._reading = archive, reading
        self._places: dict[tuple[str, str], dict[str, str]] = {}
        self._known: dict[str, bytes | None] = {}
        if LISTING in archive:
            self._list()

    def named(self, area: str, item: str, text: str) -> Contents:
        """The files of a text by their paths, if it names any."""
        if PLACE not in text:
            return {}
        hashes = self._places.get((area, item), {})
        found = {path: self._read(each) for path, each in hashes.items()}
        return {path: data for path, data in found.items() if data is not None}

    def _list(self) -> None:
        try:
            root = parse_xml(self._archive.read(LISTING).decode("utf-8", "replace"), lenient=True)
        except (BadXml, BadArchive) as error:
            self._reading.say("files", f"the list of files cannot be read: {error}", Action.DROPPED)
            return
        for each in children(root, "file"):
            component, name = said(each, "component"), said(each, "filename")
            if (component == "question" or component.startswith("qtype_")) and name != ".":
                place = self._places.setdefault((said(each, "filearea"), said(each, "itemid")), {})
                place.setdefault(file_path(said(each, "filepath"), name), said(each, "contenthash"))

    def _read(self, content: str) -> bytes | None:
        member = f"files/{content[:2]}/{content}"
        if content not in self._known:
            self._known[content] = None
            if member in self._archive:
                try:
                    self._known[content] = self._archive.read(member)
                except BadArchive as error:
                    self._reading.say("file", str(error), Action.DROPPED, member=member)
        return self._known[content]
