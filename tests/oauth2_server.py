"""A small authorization server, and an API behind it, as routes of an `App`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from urllib.parse import parse_qsl

from tests.app import App, Received, answer

Reply = tuple[int, dict[str, object]]


def as_json(document: object, status: int = 200) -> bytes:
    """Return a response with a JSON body."""
    return answer(status, json.dumps(document), {"Content-Type": "application/json"})


class TokenServer(App):
    """`/token` gives tokens t1, t2, ...; `/device` gives codes; `/api` wants the newest token.

    `replies` are given by `/token` first, one after another; a function is called with the form.
    `forms` are what was posted. With `refresh` each token comes with a refresh token r1, r2, ...
    """

    def __init__(self, *replies: Reply | Callable[[], bytes], expires_in: object = 3600) -> None:
        super().__init__({"/token": self._token, "/device": self._device, "/api": self._api})
        self.replies = list(replies)
        self.expires_in = expires_in
        self.forms: list[dict[str, str]] = []
        self.refresh = False
        self.interval = 7.0
        self.issued = 0
        self.revoked: set[str] = set()
        self._counting = threading.Lock()

    @property
    def api_tokens(self) -> list[str | None]:
        """The Authorization of each request to the API."""
        return [
            request.headers.get("authorization")
            for request in self.requests
            if request.path == "/api"
        ]

    def _token(self, request: Received) -> bytes:
        self.forms.append(dict(parse_qsl(request.body.decode(), strict_parsing=True)))
        if self.replies:
            reply = self.replies.pop(0)
            return reply() if callable(reply) else as_json(reply[1], reply[0])
        with self._counting:
            self.issued += 1
            number = self.issued
        document: dict[str, object] = {"access_token": f"t{number}", "token_type": "Bearer"}
        if self.expires_in is not None:
            document["expires_in"] = self.expires_in
        if self.refresh:
            document["refresh_token"] = f"r{number}"
        return as_json(document)

    def _device(self, request: Received) -> bytes:
        self.forms.append(dict(parse_qsl(request.body.decode(), strict_parsing=True)))
        return as_json(
            {
                "device_code": "device-1",
                "user_code": "ABCD-EFGH",
                "verification_uri": "https://auth.example/device",
                "verification_uri_complete": "https://auth.example/device?code=ABCD-EFGH",
                "expires_in": 60,
                "interval": self.interval,
            }
        )

    def _api(self, request: Received) -> bytes:
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not given or given in self.revoked:
            return answer(401, "no", {"WWW-Authenticate": 'Bearer error="invalid_token"'})
        return answer(200, given)
