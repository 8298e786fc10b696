"""A server that wants digest authentication, as routes of an `App`; it checks by itself."""

from __future__ import annotations

import hashlib
import re
import threading

from tests.app import App, Received, answer

_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


class DigestServer(App):
    """`/` wants user ada with password pw; `seen` are nonce and count of all accepted requests.

    Each nonce is good for `uses` requests, and then stale; `algorithm` is "MD5" or "SHA-256".
    """

    def __init__(self, algorithm: str = "SHA-256", qop: str = "auth", uses: int = 1000) -> None:
        super().__init__({"/": self._root, "/x": self._root})
        self.algorithm, self.qop, self.uses = algorithm, qop, uses
        self.seen: list[tuple[str, int]] = []
        self.failing = 0
        self._challenges = 0
        self._guard = threading.Lock()

    def _root(self, request: Received) -> bytes:
        given = request.headers.get("authorization", "")
        if not given.startswith("Digest "):
            return self._ask()
        said = {name: a or b for name, a, b in _PARAMETER.findall(given)}
        with self._guard:
            entry = (said["nonce"], int(said["nc"], 16))
            fresh = int(said["nonce"][1:]) == self._challenges and entry not in self.seen
            fresh = fresh and entry[1] <= self.uses
            if fresh:
                self.seen.append(entry)
        if not fresh:
            return self._ask(", stale=true")
        if self._response(request, said) != said["response"]:
            return self._ask()
        if self.failing:
            self.failing -= 1
            return answer(503, "busy")
        return answer(200, f"hello {said['nonce']}")

    def _ask(self, more: str = "") -> bytes:
        with self._guard:
            self._challenges += 1
        nonce = f"n{self._challenges}"
        value = f'Digest realm="r", nonce="{nonce}", qop="{self.qop}", algorithm={self.algorithm}'
        return answer(401, "who?", {"WWW-Authenticate": value + more})

    def _response(self, request: Received, said: dict[str, str]) -> str:
        def hashed(text: str) -> str:
            name = self.algorithm.lower().replace("-", "")
            return hashlib.new(name, text.encode()).hexdigest()

        subject = f"{request.method}:{request.target}"
        if said["qop"] == "auth-int":
            subject += f":{hashed(request.body.decode())}"
        middle = f"{said['nonce']}:{said['nc']}:{said['cnonce']}:{said['qop']}"
        return hashed(f"{hashed('ada:r:pw')}:{middle}:{hashed(subject)}")
