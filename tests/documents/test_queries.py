"""The SQL of the documents: what only reads is run as it is, what advises an index builds it."""

import pytest
from sqlalchemy import Connection, Engine, text

from tests.documents.accounts import all_blocks, is_query
from tests.documents.markdown import Block, block

QUERIES = [each for each in all_blocks() if is_query(each)]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_documented_query_suits_the_tables(db: Connection, query: Block) -> None:
    for statement in filter(str.strip, query.text.split(";")):
        db.execute(text(statement))


def test_the_index_for_large_reports_can_be_built_while_bookings_go_on(engine: Engine) -> None:
    advised = block("docs/analytics.md", "CREATE INDEX CONCURRENTLY").text
    named = advised.replace("CONCURRENTLY ON", "CONCURRENTLY ix_of_this_test ON")
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text(named))
        db.execute(text("DROP INDEX ix_of_this_test"))
