"""One row for each loop that it cannot make sense of, and where people see it afterwards."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import requests

from tests import district
from tests.drills.one_loop import Scene, lose_money, members
from tests.drills.paying import PAYERS


@dataclass(frozen=True)
class Garbage:
    """`put` it before the loop runs; `shown` says whether it can be seen afterwards; so many members get their SMS."""

    put: Callable[[Scene], object]
    shown: Callable[[Scene], object]
    told: int = PAYERS


def owner(at: Scene, statement: str, *values: Any) -> None:
    """A statement with the rights of the tables' owner, whom no guard of the worker's role holds back."""
    with psycopg.connect(at.whole.settings.database_url, autocommit=True) as conn:
        conn.execute(statement.encode(), values)


def prompt_nobody(at: Scene) -> None:
    for person in members(at.whole):
        at.whole.ask_to_contribute(person)
    owner(
        at,
        "UPDATE payment_attempts SET phone = '+2547' "
        "WHERE id = (SELECT min(id) FROM payment_attempts WHERE due_at IS NOT NULL)",
    )


def spoil_a_file(at: Scene) -> None:
    (Path(at.whole.settings.spool_dir) / "0.json").write_text("not one of ours")


def set_aside(at: Scene) -> bool:
    return (Path(at.whole.settings.spool_dir) / "aside" / "0.json").exists()


def tell_nonsense(at: Scene) -> None:
    requests.post(f"{at.whole.url}/pay/stk/{'ab' * 32}", data=b"\xff{", timeout=10)


def ask_about_nonsense(at: Scene) -> None:
    now = at.whole.worker.now()
    owner(
        at,
        "INSERT INTO inquiries (kind, shortcode_id, receipt, state, due_at, opened_at) "
        "SELECT 'status', id, 'nonsense', 'open', %s, %s FROM shortcodes",
        now - timedelta(minutes=5),
        now,
    )


def write_nonsense(at: Scene) -> None:
    owner(at, "UPDATE notifications SET arguments = '[]' WHERE id = (SELECT min(id) FROM notifications)")


def queue_no_entry(at: Scene) -> None:
    owner(at, "INSERT INTO sealing_queue (book_id, season, seq) VALUES (0, 20262, 1)")


def write_half_a_line(at: Scene) -> None:
    with Path(at.whole.settings.checkpoint_file).open("a") as file:
        file.write("77 half a li")


def cut_off(at: Scene) -> bool:
    return "half" not in Path(at.whole.settings.checkpoint_file).read_text()


def lose_the_rules(at: Scene) -> None:
    """A running group whose round is overdue for longer than anybody's, and that has no rules."""
    district.settle(at.whole.worker, 1)
    owner(
        at,
        "UPDATE rounds SET opens_at = opens_at - interval '90 days', closes_at = closes_at - interval '90 days' "
        "WHERE chama_id = (SELECT id FROM chamas WHERE name = 'Kijiji 0')",
    )
    owner(
        at,
        "UPDATE rule_sets SET in_force_from = in_force_from + interval '900 days' "
        "WHERE chama_id = (SELECT id FROM chamas WHERE name = 'Kijiji 0')",
    )


def wait_for_no_hold(at: Scene) -> None:
    """Something posted long ago is said to be held, and to have been due before all that is."""
    owner(
        at,
        "INSERT INTO open_holds (book_id, season, seq, expires_at) SELECT book_id, season, seq, recorded_at "
        "FROM entries WHERE expires_at IS NULL ORDER BY recorded_at LIMIT 1",
    )


def forget_the_notice(at: Scene) -> None:
    """The evidence of one payment cannot be read any more; another one is lost beside it."""
    owner(at, "UPDATE evidence SET body = '\\xff', erased_at = received_at WHERE source = 'c2b_confirmation'")
    lose_money(at)


def close_her_account(at: Scene) -> None:
    """What two officials agreed on cannot be booked: her account takes no money any more."""
    owner(
        at,
        "UPDATE accounts SET closed_at = %s WHERE owner_member_id = %s",
        at.whole.worker.now(),
        at.whole.person("Wanjiku")["id"],
    )


def give_it_away(at: Scene) -> None:
    """Money that goes back is nobody's no more: a person must take it from whoever has it now."""
    owner(at, "UPDATE suspense SET state = 'resolved', due_at = NULL")


def hold_nothing(at: Scene) -> None:
    """A payout whose page holds no money, ordered before the others."""
    owner(at, "UPDATE payouts SET hold_seq = 1 WHERE id = (SELECT min(id) FROM payouts WHERE state = 'ordered')")


def change_what_was_agreed_on(at: Scene) -> None:
    """A request that is another one than everybody said yes to, counted before the others: it has nobody's yes."""
    owner(
        at,
        "UPDATE disbursement_requests SET amount_cents = 24000000 "
        "WHERE id = (SELECT min(id) FROM disbursement_requests)",
    )


def rows(query: str) -> Callable[[Scene], object]:
    return lambda at: at.whole.rows(query)


DRILLS = {
    "pushes": Garbage(
        prompt_nobody, rows("SELECT FROM payment_attempts WHERE parked_reason IS NOT NULL"), told=PAYERS - 1
    ),
    "spool": Garbage(spoil_a_file, set_aside),
    "evidence": Garbage(tell_nonsense, rows("SELECT FROM evidence WHERE verdict = 'unreadable' AND reason <> ''")),
    "inquiries": Garbage(
        ask_about_nonsense, rows("SELECT FROM inquiries WHERE receipt = 'nonsense' AND outcome <> ''")
    ),
    "texts": Garbage(
        write_nonsense, rows("SELECT FROM notifications WHERE state = 'failed' AND failure <> ''"), told=PAYERS - 1
    ),
    "seals": Garbage(queue_no_entry, rows("SELECT WHERE NOT EXISTS (SELECT FROM sealing_queue)")),
    "checkpoints": Garbage(write_half_a_line, cut_off),
    "expiries": Garbage(wait_for_no_hold, lambda at: "holds and reversals end once" in "".join(at.whole.unsound())),
    "offers": Garbage(forget_the_notice, rows("SELECT FROM suspense_offers")),
    "settlements": Garbage(
        close_her_account, rows("SELECT FROM settlements WHERE state = 'approved' AND failure = 'AccountClosed'")
    ),
    "returns": Garbage(give_it_away, rows("SELECT FROM reversals WHERE failure = 'GoneTwice'")),
    "payouts": Garbage(hold_nothing, rows("SELECT FROM payouts WHERE reason LIKE 'its money is not held%%'")),
    "disbursements": Garbage(
        change_what_was_agreed_on,
        rows("SELECT FROM disbursement_requests WHERE state = 'pending' AND amount_cents = 24000000"),
    ),
    "rounds": Garbage(lose_the_rules, lambda at: "open rounds have rules" in "".join(at.whole.unsound())),
}
