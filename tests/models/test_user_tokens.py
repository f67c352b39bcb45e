"""The secrets in people's addresses."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy.exc import IntegrityError

from models.user_token import TokenPurpose
from models.user_tokens import TOKEN_PATTERN, rotate, token_of, user_of
from tests.school import School

CALENDAR, UNSUBSCRIBE = TokenPurpose.CALENDAR, TokenPurpose.UNSUBSCRIBE
ASKING = 8


@pytest.fixture
def ask(school: School) -> Callable[..., str]:
    """Asks for a token in a transaction of its own."""

    def asking(user: int, purpose: TokenPurpose = CALENDAR) -> str:
        with school.engine.begin() as db:
            return token_of(db, user, purpose, school.now)

    return asking


def test_a_token_is_made_once_and_kept(school: School, ask: Callable[..., str]) -> None:
    user = school.person()
    token = ask(user)

    assert re.fullmatch(TOKEN_PATTERN, token)
    assert ask(user) == token
    assert school.rows("SELECT created_at FROM user_token") == [(school.now,)]


def test_each_person_and_purpose_has_a_token_of_its_own(
    school: School, ask: Callable[..., str]
) -> None:
    people = [school.person(), school.person()]
    tokens = {ask(user, purpose) for user in people for purpose in TokenPurpose}

    assert len(tokens) == 4


def test_a_token_leads_to_its_person_for_its_purpose_alone(
    school: School, ask: Callable[..., str]
) -> None:
    ask(school.person())
    user = school.person()
    token = ask(user)
    with school.engine.connect() as db:
        assert user_of(db, token, CALENDAR) == user
        assert user_of(db, token, UNSUBSCRIBE) is None
        assert user_of(db, "A" * 43, CALENDAR) is None


def test_another_token_ends_the_one_before(school: School, ask: Callable[..., str]) -> None:
    user = school.person()
    before, other = ask(user), ask(user, UNSUBSCRIBE)
    later = school.now + timedelta(days=1)
    with school.engine.begin() as db:
        after = rotate(db, user, CALENDAR, later)
    with school.engine.connect() as db:
        assert user_of(db, before, CALENDAR) is None
        assert user_of(db, after, CALENDAR) == user
        assert user_of(db, other, UNSUBSCRIBE) == user
    assert ask(user) == after
    assert (later,) in school.rows("SELECT created_at FROM user_token WHERE purpose = 'CALENDAR'")


def test_the_first_token_may_be_one_that_was_asked_to_be_another(
    school: School, ask: Callable[..., str]
) -> None:
    user = school.person()
    with school.engine.begin() as db:
        made = rotate(db, user, CALENDAR, school.now)

    assert ask(user) == made


def test_who_asks_first_at_the_same_time_gets_the_same_token(
    school: School, ask: Callable[..., str]
) -> None:
    people = [school.person() for _ in range(10)]
    together = Barrier(ASKING)

    def ask_together(user: int) -> str:
        together.wait(10)
        return ask(user)

    with ThreadPoolExecutor(ASKING) as pool:
        for user in people:
            assert len(set(pool.map(ask_together, [user] * ASKING))) == 1


def test_nobody_has_no_token(ask: Callable[..., str]) -> None:
    with pytest.raises(IntegrityError):
        ask(999)


def test_a_person_who_is_deleted_takes_the_token_along(
    school: School, ask: Callable[..., str]
) -> None:
    ask(school.person())
    with school.engine.begin() as db:
        db.exec_driver_sql("DELETE FROM user_account")

    assert school.rows("SELECT token FROM user_token") == []
