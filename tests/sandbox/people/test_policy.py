"""Who may do what: every verb tried by everybody, on their own things and on others'."""

from __future__ import annotations

import pytest

from sandbox.errors import ForbiddenError
from sandbox.people import policy
from sandbox.people.model import CLI, WORKER, Actor, Role
from tests.personas import alice, bob, charlie, dana


def verbs_of(actor: Actor, *, owner: str | None) -> set[str]:
    return {verb for verb in policy.RULES if policy.may(actor, verb, owner=owner)}


def test_a_trainee_does_everything_with_what_is_theirs_and_nothing_more() -> None:
    assert verbs_of(alice, owner="alice") == {
        "home.view", "password.change", "language.set",
        "instance.launch", "instance.enter", "instance.reset", "instance.close",
        "instance.hibernate", "instance.wake", "instance.extend",
        "attempt.start", "attempt.submit", "attempt.abandon", "attempt.cancel", "attempt.check",
        "hint.open", "report.view", "certificate.view",
    }  # fmt: skip


def test_charlie_may_not_touch_what_is_alices() -> None:
    assert verbs_of(charlie, owner="alice") == {"home.view"}


def test_a_trainer_sees_work_and_results_but_neither_enters_nor_submits_for_others() -> None:
    of_alice = verbs_of(bob, owner="alice")
    assert {"report.view", "results.view", "assignment.create"} <= of_alice
    assert not of_alice & {"instance.enter", "attempt.submit", "hint.open", "instance.reset", "fleet.destroy"}


def test_it_runs_machines_and_sees_no_grades() -> None:
    everything = verbs_of(dana, owner="alice") | verbs_of(dana, owner="dana") | verbs_of(dana, owner=None)
    assert {"fleet.reset", "fleet.destroy", "nightly.run", "people.add"} <= everything
    assert not everything & {"report.view", "results.view", "attempt.start"}


def test_only_it_changes_accounts_and_reads_the_audit_trail() -> None:
    for verb in ("people.add", "people.disable", "people.reset_password", "fleet.view"):
        allowed = [actor.id for actor in (alice, bob, charlie, dana) if policy.may(actor, verb)]
        assert allowed == ["dana"], verb


def test_the_worker_may_what_the_nights_need_and_the_command_line_what_it_and_trainers_may() -> None:
    assert verbs_of(WORKER, owner="alice") == {
        "fleet.view",
        "fleet.reset",
        "fleet.destroy",
        "nightly.view",
        "nightly.run",
        "instance.hibernate",
        "instance.expire",
    }
    assert verbs_of(CLI, owner="alice") == verbs_of(bob, owner="alice") | verbs_of(dana, owner="alice")


def test_two_roles_add_up() -> None:
    both = Actor(id="eve", roles=frozenset({Role.TRAINER, Role.IT}))
    assert verbs_of(both, owner="alice") == verbs_of(bob, owner="alice") | verbs_of(dana, owner="alice")


def test_nobody_without_a_role_may_anything() -> None:
    nobody = Actor(id="nobody", roles=frozenset())
    assert verbs_of(nobody, owner=None) == verbs_of(nobody, owner="nobody") == set()


def test_a_verb_without_a_rule_is_a_mistake_in_code() -> None:
    with pytest.raises(KeyError):
        policy.may(dana, "everything.destroy")


def test_require_says_who_may_not_do_what_to_whom() -> None:
    policy.require(alice, "attempt.submit", owner="alice")
    with pytest.raises(ForbiddenError, match=r"charlie may not attempt\.submit of alice"):
        policy.require(charlie, "attempt.submit", owner="alice")
