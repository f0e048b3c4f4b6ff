"""The shape of a message's words."""

from dataclasses import dataclass

from chamas.telling.notice_states import Kind


@dataclass(frozen=True)
class Template:
    """The English words of a message, those for a member who keeps amounts and names out of her SMS, and its kind."""

    words: str
    private_words: str
    kind: Kind
