"""What can go wrong, said in the words of the person it happens to."""

from datetime import datetime


class QuizError(Exception):
    """A refusal that a person should read; everything else is a bug."""


class UnreadableAnswer(QuizError):
    """There is nothing to grade: the message is a hint, and it costs nothing."""


class AwaitsScore(QuizError):
    """The answer was read, but only a person can say how good it is."""

    def __init__(self) -> None:
        super().__init__("This answer is scored against its rubric after you submit.")


class Overloaded(QuizError):
    """What runs answers has too much to do, or broke; nothing was graded and nothing is lost."""

    def __init__(self) -> None:
        super().__init__("Many answers are being run just now. Please try again in a few seconds.")


class TimeIsUp(QuizError):
    """The deadline, and the few seconds of grace for the network, have passed."""

    def __init__(self, deadline: datetime) -> None:
        super().__init__("Time is up. Your last saved answers were handed in.")
        self.deadline = deadline


class AnswersAreClosed(QuizError):
    """In the grace period one may submit, but no longer change an answer."""

    def __init__(self) -> None:
        super().__init__("Time is up: you can still submit, but not change answers.")


class AlreadyFinished(QuizError):
    """The attempt was handed in before."""

    def __init__(self) -> None:
        super().__init__("This quiz was already submitted, so nothing was changed.")


class AlreadyChecked(QuizError):
    """In practice the first checked answer counts."""

    def __init__(self) -> None:
        super().__init__("You already checked this question; its feedback is below.")


class HeldBack(QuizError):
    """A running exam asks the same question, so nothing is said of its answer meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "An exam of yours asks this question too. Check it here when that exam's results are out."
        )


class ChangedElsewhere(QuizError):
    """Another tab or device saved a newer answer to the same question."""

    def __init__(self, number: int, submission: dict[str, list[str]]) -> None:
        super().__init__("This answer was changed in another tab or on another device.")
        self.number = number
        self.submission = submission


class NotAvailable(QuizError):
    """The quiz cannot be started now; the message says why and until when."""


class NotReleased(QuizError):
    """The results exist, but are not shown yet."""

    def __init__(self, available_from: datetime | None) -> None:
        super().__init__("The results of this quiz are not released yet.")
        self.available_from = available_from


class NotAllowed(QuizError):
    """The actor lacks the right. Pages answer 404, so that nothing is revealed."""

    def __init__(self, message: str = "You may not do this.") -> None:
        super().__init__(message)


class NotFound(QuizError):
    """No such thing, or not for this actor: the two look alike on purpose."""

    def __init__(self, message: str = "There is nothing here.") -> None:
        super().__init__(message)


class Refused(QuizError):
    """A form or file cannot be accepted; `field` names where, when it is known."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field
