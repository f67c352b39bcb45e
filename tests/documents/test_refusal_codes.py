"""docs/booking-rules.md explains every refusal, in the order in which they are judged."""

import re

from models.refusal import RefusalCode
from tests.documents.markdown import read

RULES = read("docs/booking-rules.md").split("## Refusals")[1].split("\n## ")[0]
CODES = [code.value for code in RefusalCode]


def test_every_refusal_is_explained_and_nothing_that_is_none() -> None:
    table = [line.split("|")[1] for line in RULES.splitlines() if line.startswith("| `")]
    own = re.search(r"Staff's own: (.*?)\n\n", RULES, re.DOTALL)
    assert own is not None
    explained = re.findall(r"`(\w+)`", " ".join([*table, own[1]]))

    assert explained == CODES
