"""One context for equal settings, made once, and a user's own left as it is."""

from __future__ import annotations

import ssl
import threading
import time
from pathlib import Path

import pytest

from antiphon.errors import InvalidOptionError
from antiphon.models.tls_config import TLSConfig
from antiphon.network import tls_context as module
from antiphon.network.tls_context import tls_context
from tests.certificates import authority, ca_file


@pytest.fixture(autouse=True)
def no_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin every test without a context."""
    monkeypatch.setattr(module, "_contexts", {})


def test_equal_settings_share_a_context() -> None:
    """Equal settings have one context, so that reading the trust store is paid for once."""
    settings = TLSConfig(ca_file=ca_file())

    assert tls_context(settings, True) is tls_context(TLSConfig(ca_file=ca_file()), True)
    assert tls_context(settings, True) is not tls_context(settings, False)
    assert tls_context(settings, True) is not tls_context(TLSConfig(), True)


def test_a_user_s_own_context() -> None:
    """A context of the user's own is used as it is."""
    own = ssl.create_default_context()

    assert tls_context(own, True) is own
    assert {} == module._contexts


def test_many_threads_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Threads that need the same context at the same time make it once."""
    made: list[object] = []
    real = module._build

    def build(settings: TLSConfig, trust_env: bool) -> ssl.SSLContext:
        made.append(settings)
        time.sleep(0.01)
        return real(settings, trust_env)

    monkeypatch.setattr(module, "_build", build)
    together = threading.Barrier(8)
    got: list[object] = []

    def ask() -> None:
        together.wait(10)
        got.append(tls_context(TLSConfig(ca_file=ca_file()), True))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (8, 1, 1) == (len(got), len(set(got)), len(made))


@pytest.mark.parametrize(
    ("version", "minimum"),
    [("TLSv1.2", ssl.TLSVersion.TLSv1_2), ("TLSv1.3", ssl.TLSVersion.TLSv1_3)],
)
def test_safe_defaults(version: str, minimum: ssl.TLSVersion) -> None:
    """Name and certificate are verified, and nothing older than asked for is spoken."""
    context = tls_context(TLSConfig(minimum_version=version), True)  # type: ignore[arg-type]

    assert minimum is context.minimum_version
    assert (ssl.CERT_REQUIRED, True) == (context.verify_mode, context.check_hostname)


def test_compiled_in_places_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without `trust_env` the places that OpenSSL was built with count, those that are there."""
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere")
    asked: list[tuple[object, object]] = []

    class Context:
        def load_verify_locations(
            self, cafile: object = None, capath: object = None, cadata: object = None
        ) -> None:
            asked.append((cafile, capath))
            if cafile is not None:
                raise FileNotFoundError(cafile)

    module._trust_system(Context(), False)  # type: ignore[arg-type]

    paths = ssl.get_default_verify_paths()
    assert [(paths.openssl_cafile, None), (None, paths.openssl_capath)] == asked


def test_the_lock_of_a_forked_child() -> None:
    """A child makes contexts although its parent was making one at the fork."""
    assert module._lock.acquire(timeout=1)
    try:
        module._remake_lock()
        assert isinstance(tls_context(TLSConfig(ca_file=ca_file()), True), ssl.SSLContext)
    finally:
        assert not module._lock.locked()


def test_comments_in_any_language() -> None:
    """PEM files name authorities in comments of any language, around what is read from them."""
    comment = "# Főtanúsítvány\n"
    own = authority().issue_cert("client.example")
    chain = "".join(pem.bytes().decode() for pem in own.cert_chain_pems)
    authorities = comment + Path(ca_file()).read_text()
    for ca_data in (authorities, authorities.encode(), authorities.encode("latin-1", "replace")):
        settings = TLSConfig(
            ca_data=ca_data,
            cert_data=comment + chain,
            key_data=comment.encode() + own.private_key_pem.bytes(),
        )
        assert 1 == len(tls_context(settings, True).get_ca_certs())


def test_folder_that_is_not_there() -> None:
    """A folder of authorities that does not exist is named, though OpenSSL would not miss it."""
    with pytest.raises(InvalidOptionError, match=r"ca_dir='/nowhere'\): there is no such folder"):
        tls_context(TLSConfig(ca_dir="/nowhere"), True)


def test_key_log_that_cannot_be_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A variable that names no file to write is named itself, and `trust_env` leaves it out."""
    for path in (tmp_path, tmp_path / "none" / "keys"):
        monkeypatch.setenv("SSLKEYLOGFILE", str(path))
        with pytest.raises(InvalidOptionError, match="SSLKEYLOGFILE: .* cannot be written"):
            tls_context(TLSConfig(), True)
        assert tls_context(TLSConfig(), False)
