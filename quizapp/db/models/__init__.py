"""The tables, one file an aggregate."""

from quizapp.db.models.accounts import Account, SignIn
from quizapp.db.models.attempts import Attempt, Slot, Step
from quizapp.db.models.authoring import BulkChange, Draft, Image, PendingImport
from quizapp.db.models.bank import BankFile, Question, QuestionSet, Quiz, Revision
from quizapp.db.models.limits import RateLimit
from quizapp.db.models.pictures import Picture
from quizapp.db.models.progress import Encounter, Tally

__all__ = [
    "Account",
    "Attempt",
    "BankFile",
    "BulkChange",
    "Draft",
    "Encounter",
    "Image",
    "PendingImport",
    "Picture",
    "Question",
    "QuestionSet",
    "Quiz",
    "RateLimit",
    "Revision",
    "SignIn",
    "Slot",
    "Step",
    "Tally",
]
