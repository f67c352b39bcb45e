"""Finds the sentences of refusals and problems for the catalogs; Babel calls it (`babel.cfg`).

They are marked by nothing: rules and the API know of no languages.
"""

import ast
from collections.abc import Iterator
from typing import IO, Any

Found = tuple[int, str, str, list[str]]


def extract_messages(
    file: IO[bytes],
    _keywords: Any,
    _comment_tags: Any,
    options: Any,  # noqa: ARG001 - Babel names it
) -> Iterator[Found]:
    """Yield what stands whole in the source: a code's sentence, or that of one refusal or kind."""
    for node in ast.walk(ast.parse(file.read())):
        for value in _candidates(node):
            if isinstance(value, ast.Constant) and _is_sentence(value.value):
                yield value.lineno, "gettext", str(value.value), []


def _candidates(node: ast.AST) -> list[ast.expr]:
    """What is in a row or a table, a named sentence, the third argument of these two."""
    if isinstance(node, ast.Assign):
        return _assigned(node.value)
    if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Refusal", "Kind"):
        named = [word.value for word in node.keywords if word.arg == "message"]
        return [*node.args[2:3], *named]
    return []


def _assigned(value: ast.expr) -> list[ast.expr]:
    if isinstance(value, ast.Tuple):
        return value.elts
    return value.values if isinstance(value, ast.Dict) else [value]


def _is_sentence(value: object) -> bool:
    return isinstance(value, str) and value.endswith(".") and "\n" not in value
