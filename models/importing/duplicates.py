"""Values that may occur once only: within the file, and beside the stored rows it leaves alone.

Each query returns `path` and `reason` of every fault of its sort.
"""

_TWICE_IN_FILE = """
SELECT path || '{field}', '{what} already used by ' || earlier FROM (
    SELECT path, first_value(path) OVER (PARTITION BY {key} ORDER BY place) AS earlier
    FROM incoming_{table} WHERE num_nulls({key}) = 0) AS staged
WHERE path <> earlier
"""


def _twice(table: str, key: str, field: str, what: str) -> str:
    return _TWICE_IN_FILE.format(table=table, key=key, field=field, what=what)


WITHIN_FILE = (
    _twice("user_account", "id", ".id", "is"),
    _twice("group_class", "id", ".id", "is"),
    _twice("session", "id", ".id", "is"),
    _twice("course_program", "id", ".id", "is"),
    _twice("course_step", "id", ".id", "is"),
    _twice("course_step_option", "id", ".id", "is"),
    _twice("course_cohort", "id", ".id", "is"),
    _twice("student_package", "id", ".id", "is"),
    _twice("user_account", "lower(email)", ".email", "is"),
    _twice("course_step", "course_program_id, step_order", ".order", "is"),
    _twice(
        "course_step_option",
        "course_step_id, group_class_id",
        ".groupClassId",
        "is an option of this step",
    ),
    _twice(
        "course_cohort_session",
        "course_cohort_id, course_step_option_id",
        ".courseStepOptionId",
        "is",
    ),
)

# a stored row that the file names too counts with what the file says of it
WITH_STORED_ROWS = (
    """
    SELECT path || '.email', format('is already the address of user %s', stored.id)
    FROM incoming_user_account AS staged
    JOIN user_account AS stored ON lower(stored.email) = lower(staged.email)
    WHERE stored.id NOT IN (SELECT id FROM incoming_user_account WHERE id IS NOT NULL)
    """,
    """
    SELECT path || '.order', format('is already the place of step %s', stored.id)
    FROM incoming_course_step AS staged
    JOIN course_step AS stored USING (course_program_id, step_order)
    WHERE stored.id NOT IN (SELECT id FROM incoming_course_step WHERE id IS NOT NULL)
    """,
    """
    SELECT path || '.groupClassId', format('is already option %s of this step', stored.id)
    FROM incoming_course_step_option AS staged
    JOIN course_step_option AS stored USING (course_step_id, group_class_id)
    WHERE stored.id NOT IN (SELECT id FROM incoming_course_step_option WHERE id IS NOT NULL)
    """,
)
