"""quizapp: timed quizzes and interview practice for backend engineers."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from quizapp.app import create_app

__all__ = ["create_app"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import the web application only when asked, so that the domain stays light."""
    if name == "create_app":
        from quizapp.app import create_app

        return create_app
    raise AttributeError(name)
