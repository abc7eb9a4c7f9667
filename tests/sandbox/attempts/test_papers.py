"""Reports on paper: in Chinese and English, every line of them, made once and kept; what cannot be made says why."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pytest

from sandbox.adapters import pdf
from sandbox.adapters.db.bundle import DbStores
from sandbox.adapters.db.engine import Database
from sandbox.adapters.pdf import PdfPrinter
from sandbox.attempts import adjusting, papers
from sandbox.attempts.model import AttemptId
from sandbox.attempts.printer import Printer, Printing
from sandbox.attempts.second_look import Audience, Paper, PaperState
from sandbox.errors import ForbiddenError, PdfUnavailableError, WrongStateError
from sandbox.people.model import Actor
from tests.fakes import FrozenClock
from tests.graded import Archive
from tests.personas import alice, bob, charlie, dana
from tests.web import papers as made_up

NAMES: dict[str, Audience] = {"alice": "trainee", "bob": "trainer"}


@pytest.fixture
def archive(peopled: Database[DbStores], clock: FrozenClock) -> Archive:
    return Archive(peopled, clock)


def printer(archive: Archive, printing: Printing) -> Printer:
    return Printer(
        begin=archive.database.transaction,
        reading=archive.database.reading,
        files=archive.files,
        printing=printing,
        clock=archive.clock,
        zone=ZoneInfo("Asia/Shanghai"),
        site="示范医院",
    )


def want(archive: Archive, key: AttemptId, actor: Actor = alice, language: Literal["zh", "en"] = "zh") -> Paper:
    with archive.database.transaction() as stores:
        return papers.want(stores, actor, key, language=language, now=archive.now)


def stored(archive: Archive, one: Paper) -> Paper:
    with archive.database.reading() as stores:
        found = stores.papers.of(one.attempt, one.report, one.language, one.audience)
    assert found is not None
    return found


def text_of(content: bytes, tmp_path: Path) -> str:
    (tmp_path / "report.pdf").write_bytes(content)
    done = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, check=True, timeout=60
    )
    return done.stdout.decode()


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_paper_holds_the_name_every_line_and_what_people_decided(
    archive: Archive, tmp_path: Path, language: Literal["zh", "en"]
) -> None:
    key = archive.graded(deeds=made_up.HASTY)
    with archive.database.transaction() as stores:
        adjusting.adjust(
            stores,
            archive.files,
            bob,
            key,
            subject="relief",
            kind="set",
            points="5",
            reason="口头补充",
            now=archive.now,
        )
    archive.work()
    one = want(archive, key, language=language)
    assert printer(archive, PdfPrinter()).tick() == 1
    made = stored(archive, one)
    assert (made.state, made.made_at, made.trouble) == (PaperState.MADE, archive.now, "")
    content = archive.files.get(made.file)
    assert content.startswith(b"%PDF-")
    text = squeezed(text_of(content, tmp_path))
    report = archive.report(key)
    assert "爱丽丝" in text
    assert "示范医院" in text
    for line in (*report.lines, *report.losses):
        assert squeezed(line.title.zh if language == "zh" else line.title.en) in text
        assert squeezed(line.zh if language == "zh" else line.en) in text
        assert all(f"#{number}" in text for number in line.events)
    assert f"{report.score}" in text
    assert ("改为5分" if language == "zh" else "Setto5") in text
    assert "口头补充" in text
    assert "鲍勃" in text


def test_a_paper_is_made_once_for_each_language_and_reader(archive: Archive) -> None:
    key = archive.graded()
    asked: list[int] = []

    def printing(pages: object) -> list[bytes]:
        listed = list(pages)  # type: ignore[call-overload]
        asked.append(len(listed))
        return [page.encode() for page in listed]

    worker = printer(archive, printing)
    for _twice in range(2):
        for actor in (alice, bob):
            for language in ("zh", "en"):
                want(archive, key, actor, language)  # type: ignore[arg-type]
        worker.tick()
    assert asked == [4]
    assert worker.tick() == 0


def test_two_reports_that_are_equal_byte_for_byte_become_two_papers(archive: Archive) -> None:
    hers, his = archive.sealed("alice", journal=b"[]"), archive.sealed("charlie", journal=b"[]")
    archive.work()
    assert archive.results(hers)[0].report_sha256 == archive.results(his)[0].report_sha256

    def printing(pages: object) -> list[bytes]:
        return [page.encode() for page in pages]  # type: ignore[attr-defined]

    wanted = {"爱丽丝": want(archive, hers), "查理": want(archive, his, charlie)}
    printer(archive, printing).tick()
    for name, one in wanted.items():
        page = archive.files.get(stored(archive, one).file).decode()
        assert [each for each in wanted if each in page] == [name]


def test_a_report_that_cannot_be_set_keeps_no_other_from_being_printed(archive: Archive) -> None:
    broken, good = archive.graded(), archive.graded("charlie")
    first, second = want(archive, broken), want(archive, good, charlie)
    archive.files._content[first.report] = b"[]"  # type: ignore[attr-defined]

    def printing(pages: object) -> list[bytes]:
        return [page.encode() for page in pages]  # type: ignore[attr-defined]

    printer(archive, printing).tick()
    assert (stored(archive, first).state, stored(archive, second).state) == (PaperState.FAILED, PaperState.MADE)


def test_a_paper_from_before_the_voiding_is_made_anew_and_says_so(archive: Archive) -> None:
    key = archive.graded()
    seen: list[str] = []

    def printing(pages: object) -> list[bytes]:
        seen[:] = pages  # type: ignore[call-overload]
        return [page.encode() for page in seen]

    one = want(archive, key)
    printer(archive, printing).tick()
    assert stored(archive, one).state is PaperState.MADE
    assert want(archive, key).state is PaperState.MADE
    archive.clock.pass_time(minutes=1)
    with archive.database.transaction() as stores:
        adjusting.void(stores, bob, key, reason="练习环境停电", now=archive.now)
    assert want(archive, key).state is PaperState.WANTED
    printer(archive, printing).tick()
    assert "练习环境停电" in seen[0]
    assert want(archive, key).state is PaperState.MADE


def test_names_that_look_like_markup_stay_text(archive: Archive) -> None:
    key = archive.graded()
    seen: list[str] = []

    def printing(pages: object) -> list[bytes]:
        seen.extend(pages)  # type: ignore[arg-type]
        return [b"%PDF-"] * len(seen)

    with archive.database.transaction() as stores:
        adjusting.adjust(
            stores,
            archive.files,
            bob,
            key,
            subject="relief",
            kind="set",
            points="5",
            reason="<img src=file:///etc/passwd>",
            now=archive.now,
        )
    archive.work()
    want(archive, key)
    printer(archive, printing).tick()
    assert "<img" not in seen[0]
    assert "&lt;img src=file:///etc/passwd&gt;" in seen[0]


def test_a_page_fetches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim")
    (made,) = PdfPrinter()(
        [f'<p>page</p><img src="file://{secret}"><link rel="stylesheet" href="http://127.0.0.1:9/">']
    )
    assert "geheim" not in text_of(made, tmp_path)
    assert "page" in text_of(made, tmp_path)


def test_what_is_missing_is_named_and_wanting_again_tries_again(archive: Archive) -> None:
    key = archive.graded()
    one = want(archive, key)
    lacking = PdfPrinter(fonts={"/nowhere/wqy.ttc": "fonts-wqy-microhei"})
    printer(archive, lacking).tick()
    failed = stored(archive, one)
    assert (failed.state, failed.trouble, failed.file) == (PaperState.FAILED, PdfUnavailableError.code, "")
    with pytest.raises(PdfUnavailableError, match="fonts-wqy-microhei"):
        lacking(["<p>page</p>"])
    want(archive, key)
    assert stored(archive, one).state is PaperState.WANTED
    assert pdf.missing() == []


def test_a_child_that_fails_or_hangs_is_an_error_of_ours() -> None:
    with pytest.raises(PdfUnavailableError):
        PdfPrinter()([1])  # type: ignore[list-item]
    with pytest.raises(PdfUnavailableError):
        PdfPrinter(patience_s=0.01)(["<p>page</p>"])


def test_only_who_may_read_a_report_may_print_it(archive: Archive) -> None:
    key = archive.graded()
    for actor in (charlie, dana):
        with pytest.raises(ForbiddenError):
            want(archive, key, actor)
    with pytest.raises(WrongStateError):
        want(archive, archive.sealed())
