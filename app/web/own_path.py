"""Paths of this site, as an address or another page names them."""


def own_path(wanted: str | None) -> str:
    """The path to go on to: of this site, or else its beginning."""
    if wanted is None or not wanted.startswith("/") or wanted.startswith("//"):
        return "/"
    # browsers read a backslash as a slash, and pass over tabs and line ends
    return "/" if "\\" in wanted or not wanted.isprintable() else wanted
