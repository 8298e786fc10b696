"""Which header values are secrets and must never be shown."""

from __future__ import annotations

import re
from functools import lru_cache

HIDDEN = "***"
"""What is shown in the place of a secret."""

_SECRET_NAME = re.compile(
    r"^(?:set-)?cookie2?$|authorization|token|secret|passw(?:or)?d|passphrase|credential|api-?key"
)
# A limit of language model tokens is a number that people need to see, not a credential.
_TOKEN_COUNT = re.compile(r"rate-?limit")


# Names that hold a secret in this program although they do not say so.
_marked: set[str] = set()
_marked_parameters: set[str] = set()


def mark_secret_header(name: str) -> None:
    """Have the value of the header `name` hidden from now on, whatever the name says."""
    _marked.add(name.lower().replace("_", "-"))
    is_secret_header.cache_clear()


def mark_secret_parameter(name: str) -> None:
    """Have the query parameter `name` stay behind from now on, where an error is pickled."""
    _marked_parameters.add(name)


def is_secret_parameter(name: str) -> bool:
    """Tell whether a query parameter lets others act as you: by what its name says, or a mark."""
    return name in _marked_parameters or is_secret_header(name)


@lru_cache(maxsize=512)
def is_secret_header(name: str) -> bool:
    """Tell whether the value of the header `name` must be hidden in reprs, logs, errors and traces.

    Hidden are credentials and cookies, and every name that has one of the words token, secret,
    password, credential or api-key in it. The case of `name` does not matter, and an
    underscore counts as a hyphen.
    """
    lowered = name.lower().replace("_", "-")
    found = _SECRET_NAME.search(lowered)
    if lowered in _marked:
        return True
    if found is None:
        return False
    return not (found.group() == "token" and _TOKEN_COUNT.search(lowered))


def shown_header_value(name: str, value: str) -> str:
    """Return `value` as it may be shown to people: `***` where `name` says that it is a secret."""
    return HIDDEN if is_secret_header(name) else value
