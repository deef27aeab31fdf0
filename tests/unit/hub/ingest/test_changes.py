from __future__ import annotations

from hub.db.tables import compartments, tasks
from hub.ingest.changes import Change, Rule, belated, merged
from hub.ingest.write import statements

KEY = {"id": "dc-24h-01:door:3"}
OPEN = Change(tasks, Rule.PUT, KEY, {"text": "open", "closed_at": None}, {"kind": "door"})
CLOSE = Change(tasks, Rule.EDIT, KEY, {"closed_at": "now"})


def test_closing_after_opening_is_one_insert() -> None:
    (change,) = merged([OPEN, CLOSE])
    assert (change.rule, change.values["closed_at"], change.fresh) == (Rule.PUT, "now", {"kind": "door"})


def test_opening_after_closing_is_open() -> None:
    (change,) = merged([CLOSE, OPEN])
    assert (change.rule, change.values["closed_at"]) == (Rule.PUT, None)


def test_an_edit_alone_makes_no_row() -> None:
    (change,) = merged([CLOSE, CLOSE])
    assert change.rule is Rule.EDIT


def test_rows_come_in_a_fixed_order() -> None:
    changes = [Change(compartments, Rule.PUT, {"station": "a", "number": n}, {"door": "open"}) for n in (3, 1, 2)]
    assert merged(changes) == merged(reversed(changes))


def test_what_agrees_in_columns_is_one_statement() -> None:
    changes = [Change(compartments, Rule.PUT, {"station": "a", "number": n}, {"door": "open"}) for n in range(9)]
    other = Change(compartments, Rule.PUT, {"station": "a", "number": 99}, {"size": "s"})
    assert [len(statement.rows) for statement in statements([*changes, other])] == [9, 1]


def test_a_task_is_made_and_ended_in_either_order() -> None:
    task = Change(tasks, Rule.OPEN, KEY, {"opened_at": "now", "closed_at": None})
    (ended,) = merged([task, CLOSE])
    assert (ended.rule, ended.values["closed_at"]) == (Rule.OPEN, "now")
    (again,) = merged([CLOSE, task])
    assert (again.rule, again.values["closed_at"]) == (Rule.OPEN, None)


def test_a_belated_change_only_fills() -> None:
    assert [change.rule for change in belated([OPEN, CLOSE])] == [Rule.FILL, Rule.FILL_EDIT]
