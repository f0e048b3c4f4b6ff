"""The pages for everybody: how the house is, and whether a receipt stands in the books."""

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.wrappers import Response as AnyResponse

from gateway import printing
from gateway.desk import people
from gateway.errors import answer, wants_json
from gateway.here import wiring
from gateway.public import misses, parts
from ledger import proofs
from ledger.books import CODE_LENGTH
from ledger.proofs import Away, Proof
from ledger.refusals import SeasonArchived

bp = Blueprint("public", __name__)
bp.add_url_rule("/avatars/<shelf_name>", "avatar", people.avatar)

SEPARATORS = str.maketrans("", "", " -.\u00a0\u2010\u2011\u2013")
UNKNOWN = "No entry has this code. Codes have 8 letters and digits, and never 0, 1, I, L or O."
GENUINE = (
    "This code is genuine: it belongs to page {page} of a group's book, in a season that is put away. "
    "Ask an official of the group, or the operator, to have it brought back."
)

# The ids that development chains use everywhere: such a chain lives on one machine and witnesses nothing to others.
DEVELOPMENT_CHAINS = frozenset({1337, 31337})
HOW = {
    "leaf": "keccak256(keccak256(abi.encode(uint256 1, uint256 book, uint256 season, uint256 entry, "
    "bytes32 entry_hash, bytes16 salt)))",
    "root": "for every sibling: node = keccak256(smaller of node and sibling, then the larger)",
    "page": "docs/checking-a-receipt.md",
}


@bp.record_once
def dress(state: BlueprintSetupState) -> None:
    """Gives every template of the app our filters and words."""
    state.app.jinja_env.filters.update(printing.FILTERS)
    state.app.jinja_env.globals.update(printing.WORDS)


@bp.app_context_processor
def for_every_page() -> dict[str, object]:
    return {"simulated": not wiring().settings.production}


@bp.get("/")
def front() -> str:
    """How the house is; renders whatever is down."""
    return render_template("front.html", health=parts.look(wiring()), ussd_code=wiring().settings.ussd_code)


@bp.get("/verify")
def verify() -> AnyResponse:
    """The form; a typed code goes on to its own page."""
    typed = request.args.get("code", "")
    if typed.strip():
        return redirect(url_for("public.seal", code=plain_code(typed) or "-"), 303)
    return Response(render_template("verify.html"))


@bp.get("/v/<code>")
def seal(code: str) -> Response:
    """One entry and its proof, for whoever holds the code."""
    misses.refuse_guessers("code")
    proof, away = None, None
    if len(plain_code(code)) == CODE_LENGTH:
        with wiring().at_the_door("code", plain_code(code)) as conn:
            # Asked first: of a season that is on its way out, half may still be here, and prove nothing.
            away = proofs.away(conn, plain_code(code))
            proof = None if away else proofs.proof_of(conn, plain_code(code))
    if away is not None:
        return put_away(away)
    if proof is None:
        misses.miss("code", UNKNOWN)
    page = jsonify(as_document(proof)) if wants_json() else Response(render_template("seal.html", **as_page(proof)))
    page.headers["Vary"] = "Accept"
    return page


def put_away(away: Away) -> Response:
    """A right code whose page cannot be shown now: a problem, as for whatever is put away, that says what is known."""
    if wants_json():
        page = answer(SeasonArchived.status, SeasonArchived.code, GENUINE.format(page=away.seq))
        known = {"entry_code": away.code, "genuine": True, "book": away.book_id, "season": away.season}
        page.set_data(jsonify(page.get_json() | known | {"entry": away.seq, "batch": away.batch}).get_data())
    else:
        page = Response(render_template("away.html", away=away), SeasonArchived.status)
    page.headers["Vary"] = "Accept"
    return page


def plain_code(typed: str) -> str:
    """A code as the books have it, from what a person typed: capitals, without spaces and dashes."""
    return typed.translate(SEPARATORS).strip().upper()[:64]


@bp.after_request
def keep_out_of_sight(response: Response) -> Response:
    """A code is a secret between its holder and us: no search engine and no cache may keep what is said to one, be it
    that nobody has it.
    """
    if request.endpoint in ("public.seal", "public.verify"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
    return response


def as_page(proof: Proof) -> dict[str, object]:
    return {"proof": proof, "on_this_machine": proof.chain_id in DEVELOPMENT_CHAINS}


def as_document(proof: Proof) -> dict[str, object]:
    """The proof for programs; hashes are hex, `at` is UTC, and what is not sealed yet is null.

    `outside`: the witness is a chain that others keep too. How to compute leaf and root again stands in `how`.
    """
    return {
        "code": proof.code,
        "amount_cents": proof.amount_cents,
        "at": printing.machine_time(proof.recorded_at),
        "book": proof.book_id,
        "season": proof.season,
        "entry": proof.seq,
        "entry_hash": proof.entry_hash.hex(),
        "state": proof.state,
        "batch": proof.batch,
        "witness": proof.witness,
        "chain_id": proof.chain_id,
        "contract": proof.contract,
        "tx_hash": _hex(proof.tx_hash),
        "block": proof.block,
        "outside": proof.witness == "chain" and proof.block is not None and proof.chain_id not in DEVELOPMENT_CHAINS,
        "proof": {
            "leaf": _hex(proof.leaf),
            "salt": _hex(proof.salt),
            "siblings": [sibling.hex() for sibling in proof.siblings],
            "root": _hex(proof.root),
        },
        "how": HOW,
        "valid": proof.valid,
    }


def _hex(value: bytes | None) -> str | None:
    return None if value is None else value.hex()
