"""Cookies as browsers keep them, for a client (RFC 6265bis): the names that others use."""

from __future__ import annotations

from antiphon.policies.cookie import Cookie
from antiphon.policies.cookie_header import cookie_header, merged_cookie_header
from antiphon.policies.cookie_jar import CookieJar

__all__ = ["Cookie", "CookieJar", "cookie_header", "merged_cookie_header"]
