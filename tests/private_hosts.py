"""Hosts that lead into one's own house, in the spellings that are tried to hide it."""

PRIVATE_HOSTS = [
    *("127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "127.1", "0"),
    *("[::1]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[::]", "[64:ff9b::7f00:1]"),
    *("10.0.0.1", "169.254.169.254", "a.localhost", "localhost."),
]
