"""Asks whoever sits at a terminal before something is done that can't be undone."""

import sys

import click

from app.cli.failures import Failure


def is_at_terminal() -> bool:
    """Whether somebody could answer; a script is taken at its word."""
    # a process may also be given no stdin at all
    return sys.stdin is not None and sys.stdin.isatty()


def ask(question: str) -> None:
    """Ask for a yes; raises `Failure` for a no."""
    # the question is no result, so it goes to stderr
    if not click.confirm(question, err=True):
        raise Failure("Nothing was done.")
