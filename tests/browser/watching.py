"""Watches what a browser complains about: a test fails when something goes wrong that it did not announce."""

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response

# What the console says about a response; responses themselves are judged by their status.
ABOUT_A_RESPONSE = "Failed to load resource"
# Leaving a page ends its requests.
LEFT = "net::ERR_ABORTED"


class Watch:
    """Collects problems of all pages of some contexts."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.problems: list[str] = []
        self._expected: list[str] = []

    def over(self, context: BrowserContext) -> BrowserContext:
        context.on("page", self._watch)
        return context

    def expect(self, *patterns: str) -> None:
        """Announce problems: `409`, or a part of a message as a regular expression."""
        self._expected.extend(patterns)

    def unexpected(self) -> list[str]:
        return [one for one in self.problems if not any(re.search(each, one) for each in self._expected)]

    def _watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error in the page: {error}"))
        page.on("request", self._request)
        page.on("response", self._response)
        page.on("requestfailed", self._failed)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(ABOUT_A_RESPONSE):
            self.problems.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        if not request.url.startswith((self.origin + "/", "data:", "blob:")):
            self.problems.append(f"request to another origin: {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.request.method} {response.url}")

    def _failed(self, request: Request) -> None:
        if request.failure and request.failure != LEFT:
            self.problems.append(f"failed: {request.failure} {request.method} {request.url}")
