"""A registry that fills itself from the files of one folder."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from threading import RLock
from typing import Generic, TypeVar

Entry = TypeVar("Entry")


class Registry(Mapping[str, Entry], Generic[Entry]):
    """Entries by key.  A file registers its entry; nothing lists the contents."""

    def __init__(self, noun: str) -> None:
        self.noun = noun
        self._entries: dict[str, Entry] = {}
        self._unscanned: tuple[str, list[str]] | None = None
        self._lock = RLock()

    def register(self, entry: Entry) -> Entry:
        """Add an entry under its `key`; two entries with one key are a mistake."""
        key: str = entry.key  # type: ignore[attr-defined]  # checked by every use: a class or an instance
        if key in self._entries:
            raise ValueError(f"two entries for {self.noun} {key!r}")
        self._entries[key] = entry
        return entry

    def scan(self, package: str, path: list[str]) -> None:
        """Import every module of a package, so that each can register itself."""
        for module in iter_modules(path):
            import_module(f"{package}.{module.name}")

    def scan_when_asked(self, package: str, path: list[str]) -> None:
        """The same, as soon as anybody asks for an entry: for modules that take long to import."""
        self._unscanned = package, path

    def __getitem__(self, key: str) -> Entry:
        return self._found()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._found()))

    def __len__(self) -> int:
        return len(self._found())

    def _found(self) -> dict[str, Entry]:
        with self._lock:  # a second thread that asks meanwhile waits for all entries
            if self._unscanned is not None:
                unscanned, self._unscanned = self._unscanned, None
                self.scan(*unscanned)
        return self._entries
