"""How `base_url` and the URL of a call make one: the base is a prefix, not a reference's base."""

from __future__ import annotations

import re

from antiphon.models.url import URL
from antiphon.models.url_refusal import refused_url

# `models:generate` is a path, so a scheme counts only with its slashes; http and https always do.
_ABSOLUTE = re.compile(r" *(?:[A-Za-z][A-Za-z0-9+.\-]*://|https?:)", re.IGNORECASE)


def resolve_base(base: URL, text: str | URL) -> URL:
    """Return the URL that `text` stands for in a client whose `base_url` is `base`.

    - An absolute URL stands as it is.
    - A path is appended, with or without its leading slash: `https://api/v1` and `/users` or
      `users` make `https://api/v1/users`.
    - "", a query alone or a fragment alone leave the path of the base as it is.
    - A query of the base is kept, before that of `text`; a fragment of the base is dropped.

    Raises `InvalidURLError` for `//host`, which would leave the base, for dot segments that climb
    out of the path of the base, and for what `URL` refuses.
    """
    if not isinstance(text, str):
        return URL(text)
    if text[:1] != "/":
        if _ABSOLUTE.match(text) is not None:
            return URL(text)
        text = text.lstrip(" ")
    if text[:2] == "//":
        raise refused_url(
            "it names a host, but base_url has one; write a path or a whole URL", text
        )
    if base.fragment or len(base.target) != len(base.path):
        bare = base.with_(query="", fragment="")
        url = resolve_base(bare, text)
        query = "&".join(filter(None, (base.query, url.query)))
        return url.with_(query=query)
    if text[:1] in ("", "?", "#"):
        url = URL(base.text + text)
    else:
        # One slash between the two, whoever wrote it.
        url = URL(base.text.removesuffix("/") + ("" if text[0] == "/" else "/") + text)
    path = base.path.removesuffix("/")
    if not url.path.startswith(path) or url.path[len(path) : len(path) + 1] not in ("", "/"):
        raise refused_url("its dot segments climb out of base_url", text)
    return url
