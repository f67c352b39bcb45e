"""What commands share in how they print a result."""

import json
from collections.abc import Callable
from typing import Any

import click

as_json: Callable[..., Any] = click.option(
    "--json", "as_json", is_flag=True, help="Print the result as JSON."
)
"""The option that every command with a result has."""


def print_json(result: Any) -> None:
    """Print a result on one line of stdout."""
    click.echo(json.dumps(result, ensure_ascii=False))
