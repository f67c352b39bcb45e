"""Who writes the letters, and the addresses that they lead to."""

from dataclasses import dataclass
from email.utils import parseaddr


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The sender as it stands in `From`, and where people reach the site, without a final slash."""

    sender: str
    public_url: str

    @property
    def name(self) -> str:
        """The sender's name, or else the address."""
        name, address = parseaddr(self.sender)
        return name or address

    @property
    def address(self) -> str:
        """The sender's address alone."""
        return parseaddr(self.sender)[1]

    @property
    def domain(self) -> str:
        """What ids of messages end with."""
        return self.address.rpartition("@")[2] or "localhost"

    @property
    def page_url(self) -> str:
        """Where a student sees what is booked."""
        return f"{self.public_url}/"

    def unsubscribe_url(self, token: str) -> str:
        """Where the reminders of whoever has this token are ended."""
        return f"{self.public_url}/api/unsubscribe/{token}"
