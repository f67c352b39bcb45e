"""The one error of a setting that can't be used."""


class InvalidSetting(ValueError):  # noqa: N818 - reads as what it is in `except InvalidSetting`
    """A setting is missing or wrong.

    `str()` is one line that names the variable, says what is wrong with it and gives an example.
    It never shows a value that may hold a password.
    """

    def __init__(self, variable: str, fault: str, *, example: str | None = None) -> None:
        self.variable = variable
        hint = f", for example {variable}={example}" if example else ""
        super().__init__(f"{variable} {fault}{hint}")
