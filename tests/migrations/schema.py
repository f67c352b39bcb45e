"""All that makes up a database's schema, in words that two databases can be compared by."""

from sqlalchemy import Engine

from tests.migrations.databases import rows

# a number may be written as such or as text that is cast
COLUMNS = r"""
SELECT table_name, column_name, data_type, is_nullable, is_generated,
       regexp_replace(column_default, '^''(\d+)''::\w+$', '\1')
FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'alembic_version'
"""
# rows that may stay from before a rule don't make it another one
CONSTRAINTS = """
SELECT conrelid::regclass::text, conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '')
FROM pg_constraint
WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  AND conrelid <> 'alembic_version'::regclass
"""
INDEXES = """
SELECT tablename, indexdef FROM pg_indexes
WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""
TRIGGERS = """
SELECT tgrelid::regclass::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
"""
FUNCTIONS = """
SELECT proname, prosrc, prosecdef, proconfig::text FROM pg_proc
WHERE pronamespace = 'public'::regnamespace
"""


def schema_of(engine: Engine) -> set[tuple[str, ...]]:
    return tables_of(engine) | _described(engine, TRIGGERS, FUNCTIONS)


def what_stays_of_calendars(schema: set[tuple[str, ...]]) -> set[tuple[str, ...]]:
    """The part of a schema that is left when 0006, which it came with, is taken back."""
    return {it for it in schema if it[0] == "installation" or it[1] == "calendar_sequence"}


def tables_of(engine: Engine) -> set[tuple[str, ...]]:
    return _described(engine, COLUMNS, CONSTRAINTS, INDEXES)


def _described(engine: Engine, *queries: str) -> set[tuple[str, ...]]:
    return {tuple(map(str, row)) for query in queries for row in rows(engine, query)}
