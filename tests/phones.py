"""Phones that dial the real app: every turn is a request through Flask, with the test's Redis and PostgreSQL."""

import itertools
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask

from gateway.ussd.shapes import SHAPES
from menus.phone import Phone
from tests.instruments import HandClock


def phone_on(app: Flask, number: str, network: str = "99999", prefix: str = "ATUid") -> Phone:
    """A phone whose turns are posted to the bare path from this machine."""
    client = app.test_client()
    ids = itertools.count(1)

    def post(fields: Mapping[str, str]) -> str:
        answer = client.post("/ussd", data=dict(fields))
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    return Phone(number, post, lambda: f"{prefix}_{number[-3:]}_{next(ids):032x}", network=network)


def phone_behind(app: Flask, number: str, gateway: str, clock: HandClock, network: str = "99999") -> Phone:
    """The same phone behind another gateway: its turns are told in that one's shape, one every three seconds."""
    phone, shape = phone_on(app, number, network), SHAPES[gateway]
    told: dict[str, list[str]] = {}

    def post(fields: Mapping[str, str]) -> str:
        texts, text = told.setdefault(fields["sessionId"], []), fields["text"]
        if not texts or texts[-1] != text:
            clock.advance(3)
            texts.append(text)
        values = (
            fields["sessionId"],
            "384*123",
            fields["phoneNumber"].removeprefix("+"),
            fields["networkCode"],
            spoken(texts),
        )
        answer = app.test_client().get("/ussd?" + urlencode(dict(zip(shape.names, values, strict=True))))
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    def spoken(texts: list[str]) -> str:
        """The first turn repeats what was dialled; then all is sent, or what was added."""
        if len(texts) == 1:
            return f"*384*123*{texts[0]}#" if texts[0] else "*384*123#"
        return texts[-1] if shape.whole else texts[-1].removeprefix(texts[-2]).removeprefix("*" if texts[-2] else "")

    phone.post = post
    return phone
