"""The house rules that a machine can check: sizes, laws of packages, nothing of a build machine in any file."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ("sandbox", "fixtures", "web", "images/his/his")
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "misc", "base"}
ALLOWED_TOP = {
    "sandbox", "fixtures", "images", "web", "tests", "pyproject.toml", "README.md", "Makefile", ".ci", "CHANGELOG.md",
    "LICENSE", ".gitignore", "requirements.lock",
}  # fmt: skip


def _tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def _modules() -> list[Path]:
    return [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py"))]


def test_the_top_level_holds_only_what_was_agreed() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in _tracked()} <= ALLOWED_TOP


def test_modules_have_at_most_300_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in _modules()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300 and "migrations" not in path.parts
    }
    assert long == {}


def test_functions_fit_a_palm() -> None:
    long = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
                if (node.end_lineno or 0) - first.lineno + 1 > 60:
                    long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert long == []


def test_every_package_states_its_law() -> None:
    lawless = [
        str(path.relative_to(ROOT))
        for path in _modules()
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert lawless == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path in _modules() if path.stem in FORBIDDEN_NAMES] == []


def test_no_exception_is_swallowed() -> None:
    swallowed = []
    for path in _modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler) and (
                node.type is None or (len(node.body) == 1 and isinstance(node.body[0], ast.Pass))
            ):
                swallowed.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert swallowed == []


@pytest.mark.parametrize(
    "pattern",
    [
        r"/w[o]rk/(main|shared|steering)",
        r"/ho[m]e/[a-z]+/",
        r"(?<![a-z])T[O]DO|FIX[M]E|X{3}(?!X)",
        r"https?://(deb|security|pypi|files|registry)\.[a-z]+\.[a-z]+",
    ],
)
def test_no_file_carries_what_must_not_be_there(pattern: str) -> None:
    found = []
    for path in _tracked():
        if path.suffix in {".png", ".mo", ".ico"} or "vendor" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            if re.search(pattern, line) and path != Path(__file__).resolve():
                found.append(f"{path.relative_to(ROOT)}:{number}")
    assert found == []


def test_lock_files_hold_hashes_and_no_address() -> None:
    for name in ("requirements.lock", "images/his/requirements.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text


def test_only_the_adapters_import_the_engine() -> None:
    importers = [
        str(path.relative_to(ROOT))
        for path in _modules()
        if re.search(r"^\s*(import|from) docker\b", path.read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert all(name.startswith("sandbox/adapters/") for name in importers)


def test_every_error_has_a_code_of_its_own() -> None:
    found: dict[str, list[str]] = {}
    for path in _modules():
        for code in re.findall(
            r'^    code(?:: ClassVar\[str\])? = "(SBX-\d{3})"', path.read_text(encoding="utf-8"), re.M
        ):
            found.setdefault(code, []).append(str(path.relative_to(ROOT)))
    assert {code: places for code, places in found.items() if len(places) > 1} == {}
