"""docs/booking-rules.md explains every refusal, in the order in which they are judged."""

import re
from itertools import pairwise

from models.judging import ATTENDANCE_RULES
from models.refusal import RefusalCode
from tests.documents.markdown import read

RULES = read("docs/booking-rules.md").split("## Refusals")[1].split("\n## ")[0]
ROWS = [line.split("|")[1:4] for line in RULES.splitlines() if line.startswith("| `")]
CODES = [code.value for code in RefusalCode]


def words(text: str) -> list[str]:
    return re.findall(r"`(\w+)`", text)


def test_every_refusal_is_explained_and_nothing_that_is_none() -> None:
    own = re.search(r"Staff's own: (.*?)\n\n", RULES, re.DOTALL)
    assert own is not None
    explained = [*words(" ".join(code for code, _, _ in ROWS)), *words(own[1])]
    missing = [
        f"docs/booking-rules.md: a row of `{code}` has to stand behind that of `{before}`"
        for before, code in pairwise(CODES)
        if code not in explained
    ]

    assert not missing, "\n".join(missing)
    assert explained == CODES


def test_whether_a_student_could_come_is_judged_in_that_order() -> None:
    rules = [rule.__name__ for rule in ATTENDANCE_RULES]
    explained = [name for _, _, functions in ROWS for name in words(functions) if name in rules]

    assert explained == rules, "ATTENDANCE_RULES (models/judging.py) is another order"
