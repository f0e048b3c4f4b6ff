"""Phones that dial the real app: every turn is a request through Flask, with the test's Redis and PostgreSQL."""

import itertools
from collections.abc import Mapping

from flask import Flask

from menus.phone import Phone


def phone_on(app: Flask, number: str, network: str = "99999", prefix: str = "ATUid") -> Phone:
    """A phone whose turns are posted to the bare path from this machine."""
    client = app.test_client()
    ids = itertools.count(1)

    def post(fields: Mapping[str, str]) -> str:
        answer = client.post("/ussd", data=dict(fields))
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return Phone(number, post, lambda: f"{prefix}_{number[-3:]}_{next(ids):032x}", network=network)
