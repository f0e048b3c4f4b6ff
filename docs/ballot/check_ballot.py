"""Recomputes a ballot from what was published, with nothing but Python (3.9 or newer) and this one file.

    python check_ballot.py ballot.json [SEAL]

`ballot.json` is the answer to GET /api/v1/chamas/{id}/ballot ("-": from standard input), SEAL the 64 letters and digits
of the message that members had before they typed their numbers. The form is explained in docs/ballot.md.
Exits with 0 when the order is what seed and numbers make, and with 1 when anything differs.
"""

import hashlib
import json
import sys
from pathlib import Path


def digest(*lines):
    return hashlib.sha256("".join(line + "\n" for line in lines).encode("ascii")).hexdigest()


def complaints(ballot, seal_of_the_message):
    """What does not fit, one sentence each."""
    if ballot["form"] != "pesachama-ballot/1":
        return ["this program does not know the form " + str(ballot["form"])]
    if ballot["state"] != "drawn":
        return ["nothing is drawn: the ballot is " + ballot["state"]]
    seed, roster = ballot["seed"], sorted(ballot["roster"], key=lambda one: one["number"])
    numbers = [one["number"] for one in roster]
    found = []
    if seal_of_the_message and seal_of_the_message.lower() != ballot["seal"]:
        found.append("the seal is not the one of the message")
    if len(bytes.fromhex(seed)) != 32 or len(set(numbers)) != len(numbers):
        found.append("the seed has not 32 bytes, or a member stands in it twice")
    if digest("pesachama-ballot/1 seal", seed, " ".join(map(str, numbers))) != ballot["seal"]:
        found.append("seed and members are not those that were sealed")
    typed = [f"{one['number']} {one['typed'] or '-'}" for one in roster]
    key = digest("pesachama-ballot/1 draw", seed, *typed)
    tickets = {number: hashlib.sha256(f"{key} {number}".encode("ascii")).hexdigest() for number in numbers}
    order = sorted(numbers, key=lambda number: tickets[number])
    for place, number in enumerate(order, 1):
        print(f"{place:3}. member {number:<4} ticket {tickets[number]}")
    if order != ballot["order"]:
        found.append("the order is another one")
    return found


def main(arguments):
    if not 1 <= len(arguments) <= 2:
        print(__doc__)
        return 2
    text = sys.stdin.read() if arguments[0] == "-" else Path(arguments[0]).read_text(encoding="utf-8")
    found = complaints(json.loads(text), arguments[1] if len(arguments) == 2 else "")
    for sentence in found:
        print("WRONG: " + sentence)
    if not found:
        print("The order is what the sealed seed and the members' numbers make.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
