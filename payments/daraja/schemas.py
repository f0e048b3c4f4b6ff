"""The shapes of what Safaricom tells us, by the names of the items. Fields that we do not know are tolerated.

Lists of items become dicts of name -> tuple of values, because names repeat (DebitPartyName) and values go missing
(Balance, TransactionReason); a single object where a list is expected is a list of one.
"""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from payments.daraja import values

Items = dict[str, tuple[Any, ...]]


def items(label: str) -> Callable[[Any], Items]:
    """Reads `[{label: name, "Value": value}]`, or one such object, as name -> values in their order."""

    def read(value: Any) -> Items:
        listed = [value] if isinstance(value, dict) else value
        if not isinstance(listed, list):
            raise ValidationError("not a list of items")
        found: Items = {}
        for item in listed:
            name = item.get(label) if isinstance(item, dict) else None
            if not isinstance(name, str):
                raise ValidationError("an item without a name")
            if "Value" in item:
                found[name.strip()] = (*found.get(name.strip(), ()), item["Value"])
        return found

    return read


def singles(found: Items) -> dict[str, Any]:
    """Items whose name stands once or always says the same; one that contradicts itself raises ValidationError."""
    for name, said in found.items():
        if any(value != said[0] for value in said[1:]):
            raise ValidationError({name: ["says two things"]})
    return {name: said[0] for name, said in found.items()}


def must(read: Callable[[Any], Any]) -> fields.Field[Any]:
    """A field that has to be there. A missing ResultCode is an error and never 0: 0 would be free money."""
    return fields.Function(deserialize=read, required=True)


def may(read: Callable[[Any], Any]) -> fields.Field[Any]:
    """A field that may be absent or null: then None."""
    return fields.Function(deserialize=read, load_default=None, allow_none=True)


class Tolerant(Schema):
    class Meta:
        unknown = EXCLUDE


class StkMetadata(Tolerant):
    Item = must(items("Name"))


class StkCallback(Tolerant):
    MerchantRequestID = may(values.identifier)
    CheckoutRequestID = may(values.identifier)
    ResultCode = must(values.code)
    CallbackMetadata = fields.Nested(StkMetadata, load_default=None, allow_none=True)


class StkBody(Tolerant):
    stkCallback = fields.Nested(StkCallback, required=True)


class StkEnvelope(Tolerant):
    """`{"Body": {"stkCallback": {...}}}`"""

    Body = fields.Nested(StkBody, required=True)


class StkPaid(Tolerant):
    """The metadata of a paid push. Balance is not read: it comes empty, absent or as a text of its own."""

    Amount = must(values.cents)
    MpesaReceiptNumber = must(values.receipt)
    TransactionDate = must(values.moment)
    PhoneNumber = may(values.phone_if_whole)


class QueryAnswer(Tolerant):
    """The final answer of an STK query: ResultCode is text here, and ResponseCode 0 alone says nothing."""

    ResponseCode = must(values.code)
    ResultCode = must(values.code)
    MerchantRequestID = may(values.identifier)
    CheckoutRequestID = may(values.identifier)


class ResultParameters(Tolerant):
    ResultParameter = must(items("Key"))


class Result(Tolerant):
    ResultCode = must(values.code)
    ResultParameters = fields.Nested(ResultParameters, load_default=None, allow_none=True)


class PayoutResult(Result):
    """With the two names of what it is about: ours, which Safaricom's own sample does not repeat, and theirs."""

    OriginatorConversationID = may(values.identifier)
    ConversationID = may(values.identifier)
    # On failures too, generic or not: a receipt only where the result of a transfer says that it succeeded.
    TransactionID = may(values.identifier)


class ResultEnvelope(Tolerant):
    """`{"Result": {...}}` of the asynchronous APIs."""

    Result = fields.Nested(Result, required=True)


class PayoutEnvelope(Tolerant):
    """`{"Result": {...}}` of a payout, and of a question about one."""

    Result = fields.Nested(PayoutResult, required=True)


class PayoutPaid(Tolerant):
    """Parameters of a payout that succeeded. TransactionID is generic at times: TransactionReceipt is the receipt."""

    TransactionReceipt = must(values.receipt)
    TransactionAmount = must(values.cents)
    TransactionCompletedDateTime = must(values.moment)
    ReceiverPartyPublicName = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    B2CUtilityAccountAvailableFunds = fields.Function(deserialize=values.funds, load_default=None, allow_none=True)
    B2CChargesPaidAccountAvailableFunds = fields.Function(deserialize=values.funds, load_default=None, allow_none=True)


class TransferPaid(Tolerant):
    """Parameters of a transfer to a bank that succeeded. It names no receipt of its own: TransactionID is it."""

    Amount = must(values.cents)
    TransCompletedTime = must(values.moment)
    ReceiverPartyPublicName = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    DebitPartyCharges = fields.Function(deserialize=values.typed, load_default="", allow_none=True)


class PayoutFound(Tolerant):
    """What a status result says of a payout; one that moved no money has no receipt and no final time."""

    TransactionStatus = must(values.identifier)
    Amount = may(values.cents)
    ReceiptNo = may(values.receipt)
    FinalisedTime = may(values.moment)
    OriginatorConversationID = may(values.identifier)
    ConversationID = may(values.identifier)
    DebitPartyCharges = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    CreditPartyName = fields.Function(deserialize=values.typed, load_default="", allow_none=True)


class StatusFound(Tolerant):
    """Parameters of a status result that found a transaction. TransactionID is generic: ReceiptNo is the receipt."""

    ReceiptNo = must(values.receipt)
    Amount = must(values.cents)
    FinalisedTime = must(values.moment)
    TransactionStatus = must(values.identifier)
    OriginatorConversationID = may(values.identifier)


class PaybillNotice(Tolerant):
    """A paybill payment, before (validation) and after it (confirmation). What a person typed is never refused."""

    TransID = must(values.receipt)
    TransTime = must(values.moment)
    TransAmount = must(values.cents)
    BusinessShortCode = must(values.identifier)
    BillRefNumber = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    MSISDN = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    FirstName = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    # The utility account after the payment; a validation has none.
    OrgAccountBalance = may(values.balance_if_said)


class PulledPayment(Tolerant):
    """A row of Pull. Its names are those of Safaricom's table of fields; there is no sample of a real answer."""

    transactionId = must(values.receipt)
    trxDate = must(values.listed_moment)
    amount = must(values.cents)
    msisdn = fields.Function(deserialize=values.typed, load_default="", allow_none=True)
    billreference = fields.Function(deserialize=values.typed, load_default="", allow_none=True)


class KeptPull(Tolerant):
    """A row of Pull as we keep it: it names no shortcode itself, and what its time means was found out before."""

    ShortCode = must(values.identifier)
    PaidAt = must(values.moment)
    Transaction = fields.Nested(PulledPayment, required=True)


class BalanceFound(Tolerant):
    """The parameters of a balance result. Both are text; the accounts are read by `read_accounts`."""

    AccountBalance = must(values.long_text)
    BOCompletedTime = must(values.moment)


STK_ENVELOPE = StkEnvelope()
STK_PAID = StkPaid()
QUERY_ANSWER = QueryAnswer()
RESULT_ENVELOPE = ResultEnvelope()
STATUS_FOUND = StatusFound()
PAYOUT_ENVELOPE = PayoutEnvelope()
PAYOUT_PAID = PayoutPaid()
PAYOUT_FOUND = PayoutFound()
TRANSFER_PAID = TransferPaid()
PAYBILL_NOTICE = PaybillNotice()
PULLED_PAYMENT = PulledPayment()
KEPT_PULL = KeptPull()
BALANCE_FOUND = BalanceFound()


def chosen(found: Mapping[str, tuple[Any, ...]], schema: Schema) -> dict[str, Any]:
    """The items that `schema` names, each saying one thing, loaded by it."""
    loaded: dict[str, Any] = schema.load(singles({name: found[name] for name in schema.fields if name in found}))
    return loaded
