"""Anchors sealed batches on a chain: signs, sends, watches, replaces.

Theory of operation. `commit_due` takes one step and is called again and again:

1. Every unsettled transaction is looked up, lowest nonce first. A receipt with status 1 and our own event makes it
   mined; any other receipt makes it reverted and its batch failed, visibly. One without a receipt is sent again, and
   once it has stalled signed anew under the same nonce with higher fees.
2. While one is not mined, nothing new is signed.
3. The contract is deployed when none is known on this chain.
4. The batch after the contract's last number is signed, committed to the database (ledger/submissions), then sent.

A crash anywhere leaves signed bytes that the next step sends again under the same nonce, and the contract takes only
the number after its last one: nothing is anchored twice. Mined is not the end: ledger/sync reads the event back and
completes the batch, and until then a reorganisation brings the transaction back here.
"""

from datetime import timedelta
from functools import cached_property

from web3 import Web3
from web3.contract import Contract as Web3Contract
from web3.exceptions import ContractLogicError, TransactionNotFound, Web3RPCError
from web3.logs import DISCARD
from web3.types import TxParams, TxReceipt

from contracts import artifact
from ledger import batches, submissions
from ledger.batches import Batch
from ledger.chain.node import NAME, ChainTrouble, check_chain, connect, described, talking
from ledger.signing import Fees, Wallet
from ledger.submissions import Attempt, Contract, Purpose, Submission, TransactionState
from ledger.wires import Wires

# A signed transaction that nobody mined is sent again this often, in case a node forgot it,
RESEND = timedelta(seconds=15)
# and replaced by a better paid one after this long: ten blocks of Ethereum.
STALLED = timedelta(minutes=2)
# Twelve bumps of an eighth quadruple the fee: beyond that a person should look.
MOST_ATTEMPTS = 12
RETRY_FAILED = timedelta(minutes=1)
# What nodes say when they have the transaction, or had it: whether it was mined is then looked up.
TAKEN = (
    "already known",
    "known transaction",
    "already imported",
    "nonce too low",
    "nonce is too low",
    "replacement transaction underpriced",
)


class Anchor:
    """The operator's hand on one chain. `key` is a private key in hex; the address `guardian` may pause it."""

    def __init__(self, rpc_url: str, key: str, *, guardian: str | None = None) -> None:
        self.web3 = connect(rpc_url)
        self._wallet = Wallet(key)
        self._guardian = guardian or self._wallet.address
        self._artifact = artifact(NAME)

    @cached_property
    def account(self) -> submissions.Account:
        """Who signs, and on which chain."""
        with talking():
            return submissions.Account(self.web3.eth.chain_id, self._wallet.address)

    def gas_money(self) -> int:
        """What the operator has to pay for gas, in wei. Raises ChainTrouble."""
        with talking():
            return self.web3.eth.get_balance(Web3.to_checksum_address(self._wallet.address))

    def commit_due(self, wires: Wires) -> int:
        """Takes the next step; returns how many transactions moved. Raises ChainTrouble, ChainLost."""
        with talking():
            moved = sum(self._settle(wires, submission) for submission in self._unsettled(wires))
            if any(submission.state is not TransactionState.MINED for submission in self._unsettled(wires)):
                return moved
            contract = self._find_contract(wires)
            if contract is None:
                return moved + self._submit(wires, "deploy", None)
            batch = self._next_batch(wires, contract)
            return moved + (self._submit(wires, "anchor", batch) if batch else 0)

    def contract_at(self, address: str) -> Web3Contract:
        """Our contract at this address."""
        return self.web3.eth.contract(Web3.to_checksum_address(address), abi=self._artifact["abi"])

    def _unsettled(self, wires: Wires) -> list[Submission]:
        with wires.transaction() as conn:
            return submissions.unsettled(conn, self.account)

    def _settle(self, wires: Wires, submission: Submission) -> int:
        # The count is read before the receipts: when it says that the nonce is used, a receipt of ours must be there.
        used = self._used_nonces()
        receipt = self._receipt(submission)
        if receipt is not None:
            return self._record_receipt(wires, submission, receipt)
        if used > submission.nonce:
            return self._record_replaced(wires, submission)
        return self._push(wires, submission)

    def _receipt(self, submission: Submission) -> TxReceipt | None:
        for attempt in submission.attempts:
            try:
                return self.web3.eth.get_transaction_receipt(attempt.tx_hash)  # type: ignore[arg-type]
            except TransactionNotFound:
                continue
        return None

    def _record_receipt(self, wires: Wires, submission: Submission, receipt: TxReceipt) -> int:
        if submission.state is TransactionState.MINED:
            return 0
        succeeded = receipt["status"] == 1 and (submission.purpose == "deploy" or self._shows(receipt, submission))
        genesis = bytes(self.web3.eth.get_block(0)["hash"]) if succeeded and submission.purpose == "deploy" else b""
        with wires.transaction() as conn:
            submissions.move(conn, submission, TransactionState.MINED if succeeded else TransactionState.REVERTED)
            if genesis:
                found = Contract(
                    str(receipt["contractAddress"]), receipt["blockNumber"], bytes(receipt["transactionHash"]), genesis
                )
                submissions.record_contract(conn, self.account.chain_id, NAME, found)
            batch = batches.get(conn, submission.batch) if submission.batch and not succeeded else None
            if batch:
                message = f"transaction {receipt['transactionHash'].to_0x_hex()} was mined without effect"
                batches.fail(conn, batch, message=message, due_at=wires.now() + RETRY_FAILED)
        return 1

    def _shows(self, receipt: TxReceipt, submission: Submission) -> bool:
        """Whether the receipt holds our event; a call to an address without code succeeds too, but without one."""
        anchored = self.contract_at(str(receipt["to"])).events.Anchored().process_receipt(receipt, errors=DISCARD)
        return any(event["args"]["batch"] == submission.batch for event in anchored)

    def _record_replaced(self, wires: Wires, submission: Submission) -> int:
        with wires.transaction() as conn:
            if submission.state is TransactionState.MINED:
                submissions.move(conn, submission, TransactionState.SENT)
            submissions.move(conn, submission, TransactionState.REPLACED)
            batch = batches.get(conn, submission.batch) if submission.batch else None
            if batch:
                batches.release(conn, batch, at=wires.now())
        return 1

    def _push(self, wires: Wires, submission: Submission) -> int:
        """Sends again what no receipt shows, better paid once it has stalled."""
        last, at = submission.attempts[-1], wires.now()
        returned = submission.state is TransactionState.MINED
        if at - last.signed_at >= STALLED and len(submission.attempts) < MOST_ATTEMPTS:
            last = self._sign_again(wires, submission, last)
        elif last.sent_at and at - last.sent_at < RESEND and not returned:
            return 0
        self._broadcast(wires, submission, last)
        return 1

    def _find_contract(self, wires: Wires) -> Contract | None:
        """The contract that we know on this chain; raises ChainLost when the chain does not know it."""
        with wires.transaction() as conn:
            known = submissions.contract(conn, self.account.chain_id, NAME)
            deployment = submissions.deployment(conn, self.account)
        if known is None:
            return None
        check_chain(self.web3, self.account.chain_id, known)
        if self.web3.eth.get_code(Web3.to_checksum_address(known.address)):
            return known
        # The same chain, long enough, and no contract: a reorganisation dropped it. Its nonce gives its address again.
        if deployment is not None:
            self._push(wires, deployment)
        raise ChainTrouble(f"{described(self.account.chain_id, known)} is gone from the chain; it is sent again")

    def _next_batch(self, wires: Wires, known: Contract) -> Batch | None:
        last = self.contract_at(known.address).functions.lastBatch().call()
        with wires.transaction() as conn:
            batch = batches.get(conn, last + 1)
        return batch if batch and (batch.due_at is None or batch.due_at <= wires.now()) else None

    def _submit(self, wires: Wires, purpose: Purpose, batch: Batch | None) -> int:
        """Signs, commits to the database, and only then sends."""
        number = batch.number if batch else None
        used, call = self._used_nonces(), self._call(wires, purpose, batch)
        try:
            gas = self.web3.eth.estimate_gas({**call, "from": Web3.to_checksum_address(self._wallet.address)})
        except ContractLogicError as error:
            return self._refuse(wires, number, self._reason(error))
        fees = self._market_fees()
        with wires.transaction() as conn:
            nonce = submissions.take_nonce(conn, self.account, used)
            if submissions.under_way(conn, self.account, purpose, number):
                return 0
            attempt = self._sign(wires, call, nonce=nonce, gas=gas * 6 // 5, fees=fees)
            submissions.record(conn, self.account, nonce=nonce, purpose=purpose, batch=number, attempt=attempt)
            locked = batches.get(conn, number) if number else None
            if locked:
                batches.execute(conn, locked)
        for submission in self._unsettled(wires):
            self._broadcast(wires, submission, submission.attempts[-1])
        return 1

    def _refuse(self, wires: Wires, number: int | None, reason: str) -> int:
        """The contract would refuse it: nothing is signed, no gas is spent, and the batch says why."""
        if number is None:
            raise ChainTrouble(f"the contract cannot be deployed: {reason}")
        with wires.transaction() as conn:
            batch = batches.get(conn, number)
            if batch:
                message = f"the contract refuses it: {reason}"
                batches.fail(conn, batch, message=message, due_at=wires.now() + RETRY_FAILED)
        return 1

    def _broadcast(self, wires: Wires, submission: Submission, attempt: Attempt) -> None:
        try:
            self.web3.eth.send_raw_transaction(attempt.raw)
        except Web3RPCError as error:
            if not any(words in str(error).lower() for words in TAKEN):
                raise
        with wires.transaction() as conn:
            submissions.mark_sent(conn, attempt, wires.now())
            submissions.move(conn, submission, TransactionState.SENT)

    def _sign_again(self, wires: Wires, submission: Submission, last: Attempt) -> Attempt:
        """A further attempt at the same nonce that pays at least an eighth more, and at least what is usual now."""
        with wires.transaction() as conn:
            batch = batches.get(conn, submission.batch) if submission.batch else None
        fees = self._market_fees().over(last)
        call = self._call(wires, submission.purpose, batch)
        attempt = self._sign(wires, call, nonce=submission.nonce, gas=last.gas, fees=fees)
        with wires.transaction() as conn:
            submissions.add_attempt(conn, submission.id, attempt)
        return attempt

    def _sign(self, wires: Wires, call: TxParams, *, nonce: int, gas: int, fees: Fees) -> Attempt:
        return self._wallet.sign(call, chain_id=self.account.chain_id, nonce=nonce, gas=gas, fees=fees, at=wires.now())

    def _call(self, wires: Wires, purpose: Purpose, batch: Batch | None) -> TxParams:
        """Whom the transaction calls with what."""
        if batch is None:
            bare = self.web3.eth.contract(abi=self._artifact["abi"], bytecode=self._artifact["bytecode"])
            return {"data": bare.constructor(Web3.to_checksum_address(self._guardian)).data_in_transaction}
        with wires.transaction() as conn:
            known = submissions.contract(conn, self.account.chain_id, NAME)
        if known is None:
            raise ChainTrouble(f"there is no contract to {purpose} batch {batch.number} with")
        contract = self.contract_at(known.address)
        arguments = [batch.number, batch.root, batch.previous_root, batch.leaf_count]
        return {"to": contract.address, "data": contract.encode_abi("commit", arguments)}

    def _market_fees(self) -> Fees:
        base = self.web3.eth.get_block("latest").get("baseFeePerGas")
        if base is None:
            return Fees(self.web3.eth.gas_price, None)
        tip = self.web3.eth.max_priority_fee
        # Twice the base fee stays enough through six full blocks, each of which raises it by an eighth.
        return Fees(2 * base + tip, tip)

    def _used_nonces(self) -> int:
        return self.web3.eth.get_transaction_count(Web3.to_checksum_address(self._wallet.address))

    def _reason(self, error: ContractLogicError) -> str:
        """The contract's error by name: nodes send the first four bytes of its hash."""
        for entry in self._artifact["abi"]:
            if entry["type"] == "error":
                signature = f"{entry['name']}({','.join(part['type'] for part in entry['inputs'])})"
                if str(error.data).startswith(f"0x{Web3.keccak(text=signature)[:4].hex()}"):
                    return str(entry["name"])
        return str(error)
