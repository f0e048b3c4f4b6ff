"""What the simulator is told when it starts: command line first, then the environment (SIM_PORT, SIM_PASSKEY, ...)."""

import argparse
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """Frozen after the start. Secrets are better given as SIM_... than on the command line, where `ps` shows them."""

    port: int = field(default=8001, metadata={"help": "port on 127.0.0.1; 0 takes a free one and prints it"})
    gateway_url: str = field(default="http://127.0.0.1:8000", metadata={"help": "where USSD turns and reports go"})
    state_dir: str = field(default="", metadata={"help": "folder of the SQLite file; empty keeps all in memory"})
    seed: int = field(default=1, metadata={"help": "the same seed gives the same receipts, ids and choices"})
    clock: str = field(
        default="", metadata={"help": "ISO moment at which the clock stands; only /control/clock moves it"}
    )
    begins_at: str = field(
        default="", metadata={"help": "ISO moment that it is at the first start; time goes on from there"}
    )
    shortcode: str = field(default="600123", metadata={"help": "the paybill"})
    business_name: str = field(default="PESACHAMA", metadata={"help": "the name that the prompt shows"})
    passkey: str = field(default="simulated-passkey", metadata={"help": "for the STK Password"})
    consumer_key: str = field(default="simulated-key", metadata={"help": "OAuth user"})
    consumer_secret: str = field(default="simulated-secret", metadata={"help": "OAuth password"})
    c2b_mode: str = field(default="sandbox", metadata={"help": "production: C2B URLs register once, no /simulate"})
    validation_seconds: float = field(default=8.0, metadata={"help": "real seconds that a C2B validation may take"})
    payout_charges: str = field(
        default="100:0, 1500:5, 5000:9, 20000:11, 250000:13",
        metadata={"help": "what a payout of up to so many shillings costs the business"},
    )
    pull_page: int = field(default=1000, metadata={"help": "rows that one Pull query answers with at most"})
    initiator: str = field(default="testapi", metadata={"help": "name of the API operator"})
    initiator_password: str = field(default="", metadata={"help": "opens SecurityCredential; empty takes any"})
    ussd_code: str = field(default="*384*123#", metadata={"help": "the service code of the menu"})
    ussd_secret: str = field(default="", metadata={"help": "last path segment of the USSD and SMS webhooks"})
    at_username: str = field(default="sandbox", metadata={"help": "Africa's Talking user"})
    at_api_key: str = field(default="simulated-at-key", metadata={"help": "Africa's Talking key"})
    mail_port: int = field(default=0, metadata={"help": "port of the mail server on 127.0.0.1; 0 takes a free one"})
    push_account: str = field(
        default="", metadata={"help": "file with the push service's service account; empty makes one"}
    )
    chain_rpc_url: str = field(default="", metadata={"help": "JSON-RPC of the simulated chain"})
    cast_file: str = field(default="", metadata={"help": "JSON list of {id,name,phone,role,chama,language}"})

    def webhook(self, path: str) -> str:
        """The full URL of a gateway webhook; the secret, when there is one, is its last segment."""
        return "/".join(part for part in (self.gateway_url.rstrip("/"), path, self.ussd_secret) if part)

    def payout_charge_cents(self, amount_cents: int) -> int:
        """Of `payout_charges`; above its last band as in it."""
        bands = [part.split(":") for part in self.payout_charges.split(",")]
        charge = next((told for end, told in bands if amount_cents <= int(end) * 100), bands[-1][1])
        return int(Decimal(charge) * 100)

    @property
    def database(self) -> str:
        return str(Path(self.state_dir) / "simulator.sqlite") if self.state_dir else ":memory:"


def read(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> Settings:
    """Raises SystemExit with a usage line when an argument is unknown or not of its type."""
    parser = argparse.ArgumentParser(
        prog="python -m simulator", description="Safaricom and Africa's Talking, simulated"
    )
    for each in fields(Settings):
        parser.add_argument(
            "--" + each.name.replace("_", "-"),
            type=type(each.default),
            default=environ.get("SIM_" + each.name.upper(), each.default),
            help=each.metadata["help"],
        )
    return Settings(**vars(parser.parse_args(arguments)))
