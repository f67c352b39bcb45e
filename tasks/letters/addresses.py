"""The address of a letter's reader, as it stands in a header."""

import re
from email.headerregistry import Address

_OTHER_LETTERS = re.compile(r"[^\x00-\x7f]")


def address_of(name: str, email: str) -> Address:
    """The reader's name and address; for one that can't stand in a header raises as the library.

    What is before the @ may be of any letters (RFC 6531), which the library refuses to read but
    writes: so the rest is what it is asked about.
    """
    local, _, domain = email.rpartition("@")
    if local.isascii():
        return Address(name, addr_spec=email)
    if not local.isprintable():
        raise ValueError("an address with a letter that can't be seen")
    as_ascii = _OTHER_LETTERS.sub("x", local)
    Address(addr_spec=f"{as_ascii}@{domain}")
    return Address(name, local, domain)
