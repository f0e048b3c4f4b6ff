"""The embedded chain, through web3 as the ledger uses it: what was mined stays, and trouble comes when asked for."""

import json
import stat
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.middleware import SignAndSendRawMiddlewareBuilder
from web3.types import RPCEndpoint, Wei

import embedded.chain
from embedded.server import Server, StartError

# With data: counts one more and logs the data under topic 7. Without: returns the count.
COUNTER = bytes.fromhex(
    "6023600c60003960236000f3"  # returns what follows as the contract's code
    "60005436600f57"  # loads the count; jumps when there is data
    "60005260206000f3"  # returns the count
    "5b600101600055"  # adds one and stores it
    "366000600037600736 6000a100"  # logs the data under topic 7
)
ALWAYS_REVERTS = "0x60006000fd"
TOPIC = "0x" + "00" * 31 + "07"


class Chain:
    """A started chain with a funded account that signs."""

    def __init__(self, home: Path) -> None:
        self.server: Server = embedded.chain.start(home, heartbeat=0, durable=False)
        self.web3 = Web3(HTTPProvider(self.server.url))
        self.account: LocalAccount = Account.from_key(embedded.chain.funded_account(home)[1])
        self.eth = self.web3.eth

    def ask(self, method: str, *parameters: Any) -> Any:
        """One request that web3 does not know."""
        answer = self.web3.provider.make_request(RPCEndpoint(method), list(parameters))
        if "error" in answer:
            raise Web3RPCError(str(answer["error"]))
        return answer["result"]

    def sign(self, **fields: Any) -> bytes:
        """A signed transaction with everything else filled in."""
        fees = {"maxFeePerGas": 4 * 10**9, "maxPriorityFeePerGas": 10**9}
        nonce = self.eth.get_transaction_count(self.account.address, "pending")
        whole = {"chainId": 31337, "gas": 200_000, "value": 0, "nonce": nonce, **fees, **fields}
        return bytes(self.account.sign_transaction(whole).raw_transaction)

    def send(self, **fields: Any) -> bytes:
        """Signs and sends; the hash."""
        return bytes(self.eth.send_raw_transaction(self.sign(**fields)))

    def deploy(self) -> Any:
        """The counter's address."""
        return self.eth.get_transaction_receipt(self.send(data=COUNTER))["contractAddress"]

    def count(self, counter: Any) -> int:
        """What the counter holds."""
        return int.from_bytes(self.eth.call({"to": counter}), "big")

    def hashes(self) -> list[str]:
        """The hash of every block."""
        return [self.eth.get_block(number)["hash"].hex() for number in range(self.eth.block_number + 1)]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """One process for all that do not end theirs: to start one takes longer than most of these tests."""
    started = Chain(tmp_path_factory.mktemp("kept"))
    yield started
    started.server.stop()


@pytest.fixture
def chain(kept: Chain) -> Iterator[Chain]:
    """A chain at its first block, with nothing in its pool."""
    beginning = kept.ask("evm_snapshot")
    assert kept.eth.block_number == 0
    yield kept
    assert kept.ask("evm_revert", beginning) is True
    kept.ask("pesachama_resume")


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Chain]:
    """A chain of a test's own, to be killed."""
    started = Chain(tmp_path)
    yield started
    started.server.stop()


def test_a_contract_is_deployed_called_and_heard(chain: Chain) -> None:
    counter = chain.deploy()
    assert chain.eth.get_code(counter) == COUNTER[12:]
    chain.send(to=counter, data=b"Umoja")
    receipt = chain.eth.get_transaction_receipt(chain.send(to=counter, data=b"Amina"))
    assert receipt["status"] == 1
    assert receipt["gasUsed"] <= chain.eth.estimate_gas({"to": counter, "data": b"Amina"}) <= receipt["gasUsed"] + 1000
    assert chain.count(counter) == 2
    logs = chain.eth.get_logs({"fromBlock": 0, "address": counter, "topics": [TOPIC]})
    assert [bytes(log["data"]) for log in logs] == [b"Umoja", b"Amina"]
    assert chain.eth.get_logs({"fromBlock": receipt["blockNumber"]}) == receipt["logs"]
    assert chain.eth.get_logs({"fromBlock": 0, "topics": ["0x" + "00" * 31 + "08"]}) == []
    assert (
        chain.eth.get_block(receipt["blockNumber"], full_transactions=True)["transactions"][0]["hash"]
        == receipt["transactionHash"]
    )


def test_web3_is_answered_what_it_asks_before_sending(chain: Chain) -> None:
    other = Account.create().address
    history = chain.eth.fee_history(4, "latest", [50])
    assert len(history["baseFeePerGas"]) == len(history["gasUsedRatio"]) + 1 == len(history["reward"]) + 1
    assert chain.eth.gas_price == history["baseFeePerGas"][-1] + chain.eth.max_priority_fee
    chain.web3.middleware_onion.inject(SignAndSendRawMiddlewareBuilder.build(chain.account), layer=0)
    sent = chain.eth.send_transaction({"from": chain.account.address, "to": other, "value": Wei(5)})
    assert chain.eth.wait_for_transaction_receipt(sent)["status"] == 1
    assert chain.eth.get_balance(other) == 5
    assert chain.web3.is_connected()


def test_every_block_receipt_and_the_pool_outlive_a_kill(mortal: Chain) -> None:
    counter = mortal.deploy()
    mined = mortal.send(to=counter, data=b"kept")
    receipt, hashes = mortal.eth.get_transaction_receipt(mined), mortal.hashes()
    mortal.ask("pesachama_stall")
    waiting = mortal.send(to=counter, data=b"waits")
    mortal.server.kill()
    mortal.server.restart()
    assert mortal.hashes() == hashes
    assert mortal.eth.get_transaction_receipt(mined) == receipt
    assert mortal.eth.get_transaction(waiting)["blockNumber"] is None
    mortal.ask("pesachama_resume")
    assert mortal.eth.get_transaction_receipt(waiting)["status"] == 1
    assert mortal.count(counter) == 2


def test_two_chains_begin_with_the_same_block(tmp_path: Path, chain: Chain) -> None:
    with embedded.chain.start(tmp_path / "other") as other:
        first = Web3(HTTPProvider(other.url)).eth.get_block(0)["hash"]
    assert first == chain.eth.get_block(0)["hash"]


def test_a_reorganisation_takes_transactions_out_and_they_come_again(mortal: Chain) -> None:
    counter = mortal.deploy()
    first, second = mortal.send(to=counter, data=b"one"), mortal.send(to=counter, data=b"two")
    before = mortal.hashes()
    returned = mortal.ask("pesachama_reorg", 2)
    after = mortal.hashes()
    assert returned == ["0x" + first.hex(), "0x" + second.hex()]
    assert len(after) == len(before)
    assert after[:-2] == before[:-2]
    assert not set(after[-2:]) & set(before)
    with pytest.raises(TransactionNotFound):
        mortal.eth.get_transaction_receipt(first)
    assert mortal.count(counter) == 0
    assert mortal.eth.get_logs({"fromBlock": 0}) == []
    mortal.server.kill()
    mortal.server.restart()
    assert mortal.hashes() == after
    mortal.ask("evm_mine")
    assert mortal.eth.get_transaction_receipt(first)["blockNumber"] == len(before)
    assert mortal.count(counter) == 2
    logs = mortal.eth.get_logs({"fromBlock": 0})
    assert [(bytes(log["data"]), log["logIndex"]) for log in logs] == [(b"one", 0), (b"two", 1)]


def test_the_heartbeat_mines_what_a_reorganisation_returned(tmp_path: Path, mortal: Chain) -> None:
    sent = mortal.send(to=mortal.account.address)
    mortal.ask("pesachama_reorg")
    mortal.server.stop()
    with embedded.chain.start(tmp_path, heartbeat=0.05) as server:
        eth = Web3(HTTPProvider(server.url)).eth
        assert eth.wait_for_transaction_receipt(sent, timeout=10, poll_latency=0.05)["status"] == 1


def test_a_stall_keeps_transactions_waiting_and_a_better_paid_one_takes_its_place(chain: Chain) -> None:
    chain.ask("pesachama_stall")
    nonce = chain.eth.get_transaction_count(chain.account.address)
    cheap = chain.send(to=chain.account.address, nonce=nonce)
    with pytest.raises(Web3RPCError, match="already known"):
        chain.send(to=chain.account.address, nonce=nonce)
    with pytest.raises(Web3RPCError, match="replacement transaction underpriced"):
        chain.send(to=chain.account.address, nonce=nonce, value=1)
    dear = chain.send(to=chain.account.address, nonce=nonce, maxFeePerGas=5 * 10**9, maxPriorityFeePerGas=2 * 10**9)
    assert chain.eth.block_number == 0
    chain.ask("pesachama_resume")
    assert chain.eth.get_transaction_receipt(dear)["blockNumber"] == 1
    with pytest.raises(TransactionNotFound):
        chain.eth.get_transaction(cheap)


def test_a_later_nonce_waits_for_the_earlier_one(chain: Chain) -> None:
    later = chain.send(to=chain.account.address, nonce=1)
    assert chain.eth.block_number == 0
    chain.send(to=chain.account.address, nonce=0)
    assert chain.eth.get_transaction_receipt(later)["status"] == 1


def test_the_node_refuses_in_the_usual_words(chain: Chain) -> None:
    chain.send(to=chain.account.address)
    stranger = Account.create()
    poor = stranger.sign_transaction(
        {"chainId": 31337, "gas": 21_000, "nonce": 0, "to": stranger.address, "value": 1, "gasPrice": 10**10}
    )
    refusals = [
        ("nonce too low", chain.sign(nonce=0, value=3)),
        ("intrinsic gas too low", chain.sign(to=chain.account.address, gas=20_000)),
        ("exceeds block gas limit", chain.sign(to=chain.account.address, gas=30_000_001)),
        ("insufficient funds", bytes(poor.raw_transaction)),
        ("invalid chain id", chain.sign(to=chain.account.address, chainId=1)),
        ("not a transaction", b"\x02\xc0"),
    ]
    for words, raw in refusals:
        with pytest.raises(Web3RPCError, match=words):
            chain.eth.send_raw_transaction(raw)
    chain.ask("pesachama_failNext")
    good = chain.sign(to=chain.account.address)
    with pytest.raises(Web3RPCError, match="told to refuse"):
        chain.eth.send_raw_transaction(good)
    assert chain.eth.get_transaction_receipt(chain.eth.send_raw_transaction(good))["status"] == 1


def test_a_revert_is_told_before_and_after(chain: Chain) -> None:
    with pytest.raises(ContractLogicError, match="execution reverted"):
        chain.eth.call({"data": ALWAYS_REVERTS})
    with pytest.raises(ContractLogicError, match="execution reverted"):
        chain.eth.estimate_gas({"from": chain.account.address, "data": ALWAYS_REVERTS})
    receipt = chain.eth.get_transaction_receipt(chain.send(data=ALWAYS_REVERTS))
    assert receipt["status"] == 0


def test_a_snapshot_is_gone_back_to(chain: Chain) -> None:
    counter = chain.deploy()
    noted = chain.ask("evm_snapshot")
    later = chain.send(to=counter, data=b"forgotten")
    assert chain.ask("evm_revert", noted) is True
    assert chain.count(counter) == 0
    with pytest.raises(TransactionNotFound):
        chain.eth.get_transaction(later)
    assert chain.ask("evm_revert", noted) is False
    chain.send(to=counter, data=b"again")
    assert chain.count(counter) == 1


def test_a_batch_is_answered_in_order_and_nonsense_politely(chain: Chain) -> None:
    line = HTTPConnection("127.0.0.1", chain.server.port, timeout=5)

    def post(body: bytes) -> Any:
        line.request("POST", "/", body)
        return json.load(line.getresponse())

    batch = [{"jsonrpc": "2.0", "id": number, "method": "eth_chainId"} for number in (7, 8)]
    assert [(one["id"], one["result"]) for one in post(json.dumps(batch).encode())] == [(7, "0x7a69"), (8, "0x7a69")]
    assert post(b"{")["error"]["code"] == -32700
    assert post(b"[1]")[0]["error"]["code"] == -32600
    assert post(b'{"id": 1, "method": "eth_accounts"}')["error"]["code"] == -32601
    assert post(b'{"id": 1, "method": "eth_getBalance", "params": ["0x12"]}')["error"]["code"] == -32602


def test_a_data_directory_keeps_to_its_chain_id_and_its_keys_to_itself(tmp_path: Path, mortal: Chain) -> None:
    mortal.server.stop()
    assert stat.S_IMODE((tmp_path / "accounts.json").stat().st_mode) == 0o600
    with pytest.raises(StartError, match="holds the chain 31337"):
        embedded.chain.start(tmp_path, chain_id=1)
