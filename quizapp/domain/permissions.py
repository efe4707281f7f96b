"""Who may do what: one page to read, and to test."""

from dataclasses import dataclass
from enum import StrEnum

from quizapp.domain.errors import NotAllowed


class Role(StrEnum):
    LEARNER = "learner"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Credential:
    """What a signed-in browser holds, as the database knows it."""

    account_id: int
    token_hash: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: an account's id and role, known from the session and nowhere else."""

    id: int
    role: Role

    @property
    def may_teach(self) -> bool:
        """Upload sets, see keys before the end, build quizzes, grant extra time."""
        return self.role in {Role.INSTRUCTOR, Role.ADMIN}

    @property
    def may_administer(self) -> bool:
        """See and change what belongs to other instructors."""
        return self.role is Role.ADMIN

    def may_edit(self, owner_id: int | None) -> bool:
        """Whether a set or quiz of this owner may be changed; bank files belong to nobody."""
        return self.may_teach and (owner_id == self.id or self.may_administer)


def require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed
