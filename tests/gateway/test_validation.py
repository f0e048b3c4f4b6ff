"""A payment is refused before it is made only where that is switched on, and only for an account that cannot exist."""

import json
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from gateway.app import create_app
from gateway.wiring import Wiring
from payments import shortcodes
from tests.payments.scene import notice, set_scene

YES, NO = {"ResultCode": "0", "ResultDesc": "Accepted"}, {"ResultCode": "C2B00012", "ResultDesc": "Rejected"}
# Wanjiku is member 1 of group 10001.
HERS, NOBODYS = ("100011", "10001-1", "acc 10001 l"), ("100019", "99999 1", "1OOO1 7")
UNCLEAR = ("", "UMOJA", "10001", "0712345678", "UMOJA4K7Q2M9")


def asked(web: Wiring, account: str, **more: Any) -> Any:
    path = f"/pay/c2b/{more.pop('secret', web.settings.callback_secret)}/validation"
    answer = create_app(web).test_client().post(path, data=json.dumps(notice(account=account, **more)))
    assert answer.status_code == 200
    return answer.get_json()


def test_an_account_of_nobody_is_refused_where_it_is_switched_on(
    web_wiring: Wiring, wiring: Wiring, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_scene(wiring, conn)
    assert {account: asked(web_wiring, account) for account in NOBODYS} == dict.fromkeys(NOBODYS, YES)
    with wiring.transaction() as own:
        one = shortcodes.by_number(own, "600123")
        assert one is not None
        shortcodes.refuse_unknown_accounts(own, one, on=True)
    assert {account: asked(web_wiring, account) for account in NOBODYS} == dict.fromkeys(NOBODYS, NO)
    takes = (*HERS, *UNCLEAR)
    assert {account: asked(web_wiring, account) for account in takes} == dict.fromkeys(takes, YES)
    assert asked(web_wiring, NOBODYS[0], BusinessShortCode="999999") == YES
    # Who does not know our secret learns nothing about who is a member.
    assert asked(web_wiring, NOBODYS[0], secret="ab" * 32)["ResultCode"] in ("0", 0)

    @contextmanager
    def away(_: Wiring) -> Any:
        raise psycopg.OperationalError("away")
        yield

    monkeypatch.setattr(Wiring, "at_once", away)
    assert asked(web_wiring, NOBODYS[0]) == YES, "a refusal would lose a contribution"
