"""A report as a page to print: HTML with its own style, nothing to fetch. Pure; every text is escaped."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol

from sandbox.contract.catalogue import ACTIONS
from sandbox.contract.exercise_pack import Words
from sandbox.contract.journal import SYSTEM, Row
from sandbox.grading.paper_words import OUTCOMES, STYLE, TEXTS, VERDICTS
from sandbox.grading.report import Adjustment, Line, Loss, Near, Report, points

Language = Literal["zh", "en"]


class Told(Protocol):
    """A text in both languages."""

    @property
    def zh(self) -> str: ...
    @property
    def en(self) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Letterhead:
    """What a paper says besides the report: whose it is and when, in the words of its language."""

    site: str
    person: str
    department: str
    attempt: str
    submitted: str
    printed: str
    deciders: Mapping[str, str]
    """Line or loss -> who adjusted it."""
    void: str
    """Why the attempt does not count, by a person's word; else ''."""


def page(report: Report, rows: Sequence[Row], seats: Mapping[str, Words], head: Letterhead, language: Language) -> str:
    """Return the whole page. `rows` are those of the journal, `seats` the titles of the exercise's seats."""
    return _Page(report, {row.seq: row for row in rows}, seats, head, language).html()


@dataclass(frozen=True)
class _Page:
    report: Report
    rows: Mapping[int, Row]
    seats: Mapping[str, Words]
    head: Letterhead
    language: Language

    def html(self) -> str:
        report = self.report
        body = [self._head(), *self._errors()]
        if report.losses:
            body.append(_element("h2", self._text("losses")))
            body += [self._loss(each) for each in sorted(report.losses, key=lambda loss: not loss.critical)]
        if report.lines:
            body.append(_element("h2", self._text("lines")))
            body += [self._line(each) for each in report.lines]
        body += [*self._hints(), self._proof()]
        title = f"{self._told(report.exercise.title)} {self.head.person}"
        lang = "zh-CN" if self.language == "zh" else "en"
        return (
            f'<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
            f"<style>{STYLE}</style></head><body>{''.join(body)}</body></html>"
        )

    def _head(self) -> str:
        report, head = self.report, self.head
        score = report.score if not report.score_to else f"{report.score}–{report.score_to}"
        verdict = _element("span", self._say(VERDICTS[report.result]), f"verdict {report.result}")
        facts = [
            (self._text("person"), f"{head.person} · {head.department}"),
            (self._text("submitted"), head.submitted),
            (self._text("exercise"), f"{report.exercise.id} v{report.exercise.version}"),
            (self._text("attempt"), head.attempt),
        ]
        shown = "".join(_element("dt", name) + _element("dd", value) for name, value in facts)
        passing = self._text("passing").format(score=report.pass_score)
        return (
            _element("p", f"{head.site} · {self._text('title')}", "site")
            + _element("h1", self._told(report.exercise.title))
            + f'<div class="top"><div class="score"><b>{html.escape(score or "–")}</b>{verdict}'
            + f"<small>{html.escape(passing)}</small></div><dl>{shown}</dl></div>"
            + (_element("p", self._text("void").format(reason=head.void), "void") if head.void else "")
        )

    def _errors(self) -> Iterable[str]:
        if self.report.errors:
            listed = "".join(_element("li", self._told(each)) for each in self.report.errors)
            yield f'<div class="errors">{_element("p", self._text("errors"))}<ul>{listed}</ul></div>'

    def _loss(self, loss: Loss) -> str:
        pill = _element("span", self._text("critical"), "pill bad") if loss.critical else ""
        return self._block(loss, f"−{_trimmed(loss.lost)}", pill, "bad" if loss.critical else "warn", ())

    def _line(self, line: Line) -> str:
        pill = _element("span", self._say(OUTCOMES[line.outcome]), f"pill {line.outcome}")
        if line.must:
            pill += _element("span", self._text("must"), "pill must")
        got = "?" if line.outcome in ("pending", "error") else _trimmed(line.got)
        return self._block(line, f"{got} / {_trimmed(line.points)}", pill, line.outcome, line.near, line.advice)

    def _block(
        self,
        one: Line | Loss,
        number: str,
        pills: str,
        tone: str,
        near: Sequence[Near],
        advice: Words | None = None,
    ) -> str:
        title = f"{_element('h3', self._told(one.title))}{pills}{_element('span', number, 'number')}"
        parts = [f'<div class="title">{title}</div>', _element("p", self._told(one))]
        if one.adjusted is not None:
            parts.append(_element("p", self._ruling(one.id, one.adjusted, one.graded), "ruling"))
        if advice is not None:
            parts.append(_element("p", f"{self._text('advice')}{self._told(advice)}", "advice"))
        parts.append(self._evidence(one.events))
        if near:
            said = "；".join(self._told(each) for each in near)
            parts.append(_element("p", f"{self._text('near')}{said}", "near"))
        return f'<section class="block {tone}">{"".join(parts)}</section>'

    def _ruling(self, subject: str, decision: Adjustment, graded: str) -> str:
        said = self._text(f"ruling-{decision.kind}").format(points=decision.points)
        was = "" if decision.kind == "mark" else self._text("graded").format(points=points(Fraction(graded)))
        return " · ".join(part for part in (said, was, decision.reason, self.head.deciders.get(subject, "")) if part)

    def _evidence(self, events: Sequence[int]) -> str:
        shown = [_element("span", self._row(self.rows[seq])) for seq in events if seq in self.rows]
        return f'<p class="evidence">{"".join(shown)}</p>' if shown else ""

    def _row(self, row: Row) -> str:
        action = ACTIONS.get(row.action)
        seat = self.seats.get(row.actor)
        words = self._told(action) if action else row.action
        who = "" if row.actor == SYSTEM else self._told(seat) if seat else row.actor
        return " ".join(part for part in (f"#{row.seq}", row.at[11:16], words, who, row.code or "") if part)

    def _hints(self) -> Iterable[str]:
        if self.report.hints:
            yield _element("h2", self._text("hints"))
            for hint in self.report.hints:
                yield _element("p", f"{self._told(hint)} (−{_trimmed(hint.cost)})")

    def _proof(self) -> str:
        digests = " ".join(f"{name} {value}" for name, value in sorted(self.report.digests.items()))
        said = self._text("proof").format(
            grader=self.report.grader, contract=self.report.contract, exact=self.report.exact or "–"
        )
        lines = (said, f"exercise {self.report.exercise.sha256}", digests, self.head.printed)
        return f"<footer>{''.join(_element('p', line) for line in lines if line)}</footer>"

    def _told(self, words: Words | Told) -> str:
        return words.zh if self.language == "zh" else words.en

    def _say(self, pair: tuple[str, str]) -> str:
        return pair[0] if self.language == "zh" else pair[1]

    def _text(self, name: str) -> str:
        return self._say(TEXTS[name])


def _element(tag: str, text: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f"<{tag}{marked}>{html.escape(text)}</{tag}>"


def _trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
