"""How the headers of a letter are printed."""

from email.headerregistry import BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy


class _Address(UnstructuredHeader):
    """A header that holds a web address, on one line however long it is.

    The standard library would print a long one as an encoded word, which no reader takes for an
    address.
    """

    def fold(self, *, policy: EmailPolicy) -> str:
        """The header as it is sent."""
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # BaseHeader's


class _Registry(HeaderRegistry):
    """The standard library's, which would make a class for each header of each letter."""

    def __init__(self) -> None:
        super().__init__()
        self._made: dict[str, type[BaseHeader]] = {}
        self.map_to_type("list-unsubscribe", _Address)  # type: ignore[arg-type]  # it adds the base

    def __getitem__(self, name: str) -> type[BaseHeader]:
        """The class of headers of this name."""
        if name not in self._made:
            self._made[name] = super().__getitem__(name)
        return self._made[name]


POLICY: "EmailPolicy[EmailMessage]" = SMTP.clone(header_factory=_Registry())
ANY_LETTERS = POLICY.clone(utf8=True)
"""For a reader whose address has letters beyond ASCII: headers as they are (RFC 6532)."""
