"""Our app with its doors, a town to show, and how to sign in."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from psycopg import Connection
from werkzeug.test import TestResponse

from gateway.app import create_app
from gateway.wiring import Wiring
from tests.gateway import town
from tests.gateway.town import Town


@pytest.fixture
def app(web_wiring: Wiring) -> Flask:
    return create_app(web_wiring)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def umoja(conn: Connection[Any]) -> Town:
    return town.build(conn)


def proof_in(page: str) -> str:
    """The form proof that a page carries."""
    found = re.search(r'name="form_proof" value="([0-9a-f]+)"', page)
    assert found
    return found[1]


def sign_in(
    client: FlaskClient, *, email: str = town.EMAIL, password: str = town.PASSWORD, onward: str = ""
) -> TestResponse:
    """Fills in the form as a person does."""
    proof = proof_in(client.get("/desk/sign-in").text)
    details = {"email": email, "password": password, "next": onward, "form_proof": proof}
    return client.post("/desk/sign-in", data=details)
