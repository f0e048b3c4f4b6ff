"""How heavy a guess is in production; everywhere else in the tests hashes are light (conftest.light_hashes)."""

import subprocess
import sys

HEAVY = "$argon2id$v=19$m=19456,t=2,p=1$"
HASHED = """
from chamas.members import pins
from gateway.desk import passwords
from gateway.wiring import SystemChance
print(pins.hide(1, "71529", phone=None, pepper="a pepper", chance=SystemChance()))
print(passwords.hash_password("a password"))
"""


def test_a_guess_costs_what_owasp_asks_for() -> None:
    said = subprocess.run([sys.executable, "-c", HASHED], capture_output=True, text=True, check=True).stdout.split()
    assert [one.startswith(HEAVY) for one in said] == [True, True]
