"""The public names: complete, sorted, importable, documented."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module, metadata
from pathlib import Path

import pytest

import antiphon
import antiphon.errors

INIT = Path(antiphon.__file__)
NAMES = [name for name in antiphon.__all__ if name != "__version__"]


def names_for_type_checkers() -> dict[str, str]:
    """Read the imports under `if TYPE_CHECKING:`, as name -> module; `*` means every error."""
    errors = [name for name in antiphon.errors.__all__ if name[0].isupper()]
    return {
        name: str(node.module)
        for block in ast.parse(INIT.read_text(encoding="utf-8")).body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        for name in (errors if alias.name == "*" else [alias.name])
    }


def test_all_is_sorted() -> None:
    """`__all__` is sorted and names nothing twice."""
    assert sorted(set(antiphon.__all__)) == antiphon.__all__


def test_the_three_lists_agree() -> None:
    """`__all__`, the lazy table and the imports for type checkers hold the same names and homes."""
    listed = {name: module for module, names in antiphon._HOMES.items() for name in names}

    assert set(listed) <= set(NAMES)
    assert {
        name: listed.get(name, "antiphon.errors") for name in NAMES
    } == names_for_type_checkers()


def test_dir_lists_every_public_name() -> None:
    """`dir(antiphon)` shows names that were not imported yet."""
    code = "import antiphon; print(*set(antiphon.__all__) - set(dir(antiphon)))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


@pytest.mark.parametrize("name", NAMES)
def test_public_names_import(name: str) -> None:
    """Every public name is there, and is the same object each time."""
    assert getattr(antiphon, name) is getattr(antiphon, name)


def public_members(cls: type) -> Iterator[tuple[str, object]]:
    """Yield the public methods and properties that antiphon gives a class."""
    for name in dir(cls):
        owner = next((base for base in cls.__mro__ if name in vars(base)), None)
        if name.startswith("_") or owner is None or not owner.__module__.startswith("antiphon"):
            continue
        member = vars(owner)[name]
        if inspect.isfunction(member) or isinstance(member, (property, classmethod, staticmethod)):
            yield name, getattr(cls, name)


@pytest.mark.parametrize("name", NAMES)
def test_public_names_are_documented(name: str) -> None:
    """Every public class and function says what it is for, and so do its public members."""
    value = getattr(antiphon, name)
    if not (inspect.isclass(value) or inspect.isfunction(value)):
        return

    undocumented = [] if value.__doc__ else [name]
    if inspect.isclass(value):
        undocumented += [
            f"{name}.{member}"
            for member, found in public_members(value)
            if not inspect.getdoc(found)
        ]

    assert undocumented == []


def test_every_error_is_public() -> None:
    """Whatever a call may raise can be caught by a name of the top module."""
    for module in pkgutil.iter_modules(antiphon.errors.__path__, "antiphon.errors."):
        import_module(module.name)
    waiting = [antiphon.AntiphonError]
    found: set[type] = set()
    while waiting:
        error = waiting.pop()
        found.add(error)
        waiting += error.__subclasses__()
    names = {error.__name__ for error in found if error.__module__.startswith("antiphon.errors")}

    assert names - set(antiphon.__all__) == set()


def test_unknown_names_are_refused() -> None:
    """An unknown attribute is an AttributeError that names it."""
    with pytest.raises(AttributeError, match="module 'antiphon' has no attribute 'nonsense'"):
        _ = antiphon.nonsense


@pytest.mark.parametrize("verb", ["get", "post", "request"])
def test_there_are_no_module_level_verbs(verb: str) -> None:
    """`antiphon.get` does not exist; its error says how calls are made."""
    with pytest.raises(AttributeError, match=rf"antiphon\.Client\(\)\.{verb}\("):
        getattr(antiphon, verb)


def test_the_version_has_one_source() -> None:
    """The package's metadata has the version that the module states."""
    assert metadata.version("antiphon") == antiphon.__version__
