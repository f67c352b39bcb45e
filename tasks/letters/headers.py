"""How the headers of a letter are printed."""

from email.headerregistry import HeaderRegistry, UnstructuredHeader
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


def _policy() -> "EmailPolicy[EmailMessage]":
    registry = HeaderRegistry()
    registry.map_to_type("list-unsubscribe", _Address)  # type: ignore[arg-type]  # it adds the base
    return SMTP.clone(header_factory=registry)


POLICY = _policy()
