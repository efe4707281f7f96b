"""Who may: bearer tokens (RFC 6750) and where clients get them (RFC 6749, client credentials)."""

import base64
import binascii
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from quizapp.domain.http_requests import HttpRequest
from quizapp.domain.http_responses import FORM, HttpRefusal, HttpResponse, digest, with_json
from quizapp.domain.http_service import HttpAuth, HttpClient, HttpToken, HttpTokenEndpoint

NO_STORE = ("Cache-Control", "no-store")


class _TokenError(Exception):
    """An error response of the token endpoint (RFC 6749, section 5.2)."""

    def __init__(self, error: str, why: str) -> None:
        super().__init__(why)
        self.error = error


@dataclass(slots=True)
class Access:
    """The tokens of one play: the declared ones and those that were issued."""

    auth: HttpAuth
    issued: dict[str, HttpToken] = field(default_factory=dict)

    def token(self, request: HttpRequest, now: int) -> HttpToken:
        """The token that a request bears; 401 without a good one."""
        scheme, _, text = (request.header("Authorization") or "").partition(" ")
        # Who brings no credentials is told no error, only how to bring them (RFC 6750, section 3.1).
        if scheme.lower() != "bearer":
            raise HttpRefusal(401, "A bearer token is needed.", self._challenge())
        token = self.issued.get(text.strip()) or self.auth.tokens.get(text.strip())
        if token is None:
            raise self._invalid("The access token is not known")
        if token.expires is not None and now >= token.expires:
            raise self._invalid("The access token expired")
        return token

    def require_scope(self, token: HttpToken, scope: str | None) -> None:
        if scope is None or scope in token.scopes:
            return
        challenge = self._challenge(f'error="insufficient_scope", scope="{scope}"')
        raise HttpRefusal(403, f"The token lacks the scope {scope}.", challenge)

    def issue(self, endpoint: HttpTokenEndpoint, request: HttpRequest, now: int) -> HttpResponse:
        """The token endpoint's answer to POST."""
        try:
            return self._issue(endpoint, request, now)
        except _TokenError as error:
            content = {"error": error.error, "error_description": str(error)}
            if error.error == "invalid_client":
                challenge = ("WWW-Authenticate", f'Basic realm="{self.auth.realm}"')
                return with_json(401, content, challenge, NO_STORE)
            return with_json(400, content, NO_STORE)

    def _issue(self, endpoint: HttpTokenEndpoint, request: HttpRequest, now: int) -> HttpResponse:
        form = _form(request)
        client = _client(endpoint, request, form)
        if form.get("grant_type") != "client_credentials":
            raise _TokenError(
                "unsupported_grant_type" if "grant_type" in form else "invalid_request",
                "grant_type is client_credentials",
            )
        scopes = tuple(form["scope"].split()) if form.get("scope") else client.scopes
        if not set(scopes) <= set(client.scopes):
            raise _TokenError("invalid_scope", "the client may not have all of these scopes")
        # The number makes two tokens of one moment differ.
        text = f"at-{digest(f'{client.secret} {len(self.issued)} {now}')}"
        self.issued[text] = HttpToken(scopes=scopes, expires=now + endpoint.lifetime)
        content = {"access_token": text, "token_type": "Bearer", "expires_in": endpoint.lifetime}
        if scopes:
            content["scope"] = " ".join(scopes)
        return with_json(200, content, NO_STORE)

    def _challenge(self, more: str = "") -> tuple[str, str]:
        realm = f'Bearer realm="{self.auth.realm}"'
        return ("WWW-Authenticate", f"{realm}, {more}" if more else realm)

    def _invalid(self, why: str) -> HttpRefusal:
        challenge = self._challenge(f'error="invalid_token", error_description="{why}"')
        return HttpRefusal(401, f"{why}.", challenge)


def _form(request: HttpRequest) -> dict[str, str]:
    kind = (request.header("Content-Type") or "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise _TokenError("invalid_request", f"the content is of the type {FORM}")
    try:
        pairs = parse_qsl(request.body, keep_blank_values=True, errors="strict", max_num_fields=20)
    except ValueError:
        raise _TokenError("invalid_request", "the content cannot be read") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _TokenError("invalid_request", "a parameter is repeated")
    return form


def _client(endpoint: HttpTokenEndpoint, request: HttpRequest, form: dict[str, str]) -> HttpClient:
    scheme, _, text = (request.header("Authorization") or "").partition(" ")
    given = (form.get("client_id", ""), form.get("client_secret", ""))
    if scheme:
        if "client_secret" in form:
            raise _TokenError("invalid_request", "the client authenticates in one way, not in two")
        given = _basic(text) if scheme.lower() == "basic" else ("", "")
    client = endpoint.clients.get(given[0])
    if client is None or client.secret != given[1]:
        raise _TokenError("invalid_client", "the client is not known, or its secret is wrong")
    return client


def _basic(text: str) -> tuple[str, str]:
    try:
        name, _, secret = base64.b64decode(text.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return unquote(name), unquote(secret)
