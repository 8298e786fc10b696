"""pycurl: one reused `Curl` handle over libcurl."""

from __future__ import annotations

from io import BytesIO

import pycurl

from tools.bench.peers.interface import Settings


class Sync:
    def __init__(self, settings: Settings) -> None:
        self._curl = pycurl.Curl()
        if settings.ca_file:
            self._curl.setopt(pycurl.CAINFO, settings.ca_file)

    def get(self, url: str) -> int:
        curl = self._curl
        buffer = BytesIO()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEFUNCTION, buffer.write)
        curl.perform()
        assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
        return len(buffer.getvalue())

    def download(self, url: str) -> int:
        curl = self._curl
        size = 0

        def count(piece: bytes) -> None:
            nonlocal size
            size += len(piece)

        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEFUNCTION, count)
        curl.perform()
        assert curl.getinfo(pycurl.RESPONSE_CODE) == 200
        return size

    def upload(self, url: str, body: bytes) -> None:
        curl = self._curl
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.UPLOAD, 1)
        curl.setopt(pycurl.READDATA, BytesIO(body))
        curl.setopt(pycurl.INFILESIZE, len(body))
        curl.setopt(pycurl.WRITEDATA, BytesIO())
        # libcurl waits a second for the 100 of a server that sends none.
        curl.setopt(pycurl.HTTPHEADER, ["Expect:"])
        curl.perform()
        assert curl.getinfo(pycurl.RESPONSE_CODE) == 200

    def hold(self, url: str) -> object:
        raise NotImplementedError

    def close(self) -> None:
        self._curl.close()
