"""What ends a benchmark: an outcome that is wrong makes its figures worthless."""


class BenchmarkError(RuntimeError):
    """Something came out otherwise than it must, or didn't start."""


def require(condition: object, sentence: str) -> None:
    """Raise `BenchmarkError` with this sentence unless the condition holds."""
    if not condition:
        raise BenchmarkError(sentence)
