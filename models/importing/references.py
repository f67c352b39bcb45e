"""Ids that must lead somewhere: in the file or among the stored rows.

Each query returns `path` and `reason` of every fault of its sort.
"""

_UNKNOWN = """
SELECT path || '{field}', format('there is no {what} %s', {column})
FROM incoming_{table} AS staged
WHERE {column} IS NOT NULL
  AND NOT EXISTS (SELECT FROM incoming_{target} AS given WHERE given.id = staged.{column})
  AND NOT EXISTS (SELECT FROM {target} AS stored WHERE stored.id = staged.{column})
"""


def _unknown(table: str, column: str, field: str, target: str, what: str) -> str:
    return _UNKNOWN.format(table=table, column=column, field=field, target=target, what=what)


UNKNOWN = (
    _unknown("group_class", "teacher_id", ".teacherId", "user_account", "user"),
    _unknown("course_step_option", "group_class_id", ".groupClassId", "group_class", "group class"),
    _unknown("course_cohort", "course_program_id", ".programId", "course_program", "program"),
    _unknown(
        "course_cohort_session",
        "course_step_option_id",
        ".courseStepOptionId",
        "course_step_option",
        "option",
    ),
    _unknown("course_cohort_session", "session_id", ".sessionId", "session", "session"),
    _unknown("student_package", "user_id", ".userId", "user_account", "user"),
    _unknown("student_package", "course_cohort_id", ".cohortId", "course_cohort", "cohort"),
)

_PIN = """
WITH option AS (
    SELECT id, course_step_id, group_class_id FROM incoming_course_step_option
    UNION ALL
    SELECT id, course_step_id, group_class_id FROM course_step_option
    WHERE id NOT IN (SELECT id FROM incoming_course_step_option WHERE id IS NOT NULL)
), step AS (
    SELECT id, course_program_id FROM incoming_course_step
    UNION ALL
    SELECT id, course_program_id FROM course_step
    WHERE id NOT IN (SELECT id FROM incoming_course_step WHERE id IS NOT NULL)
), cohort AS (
    -- a cohort whose program is wrong is that fault already, and not each of its pins' too
    SELECT staged.id, staged.course_program_id FROM incoming_course_cohort AS staged
    LEFT JOIN course_cohort AS stored ON stored.id = staged.id
    WHERE coalesce(stored.course_program_id, staged.course_program_id) = staged.course_program_id
      AND (staged.course_program_id IN (SELECT id FROM incoming_course_program)
           OR staged.course_program_id IN (SELECT id FROM course_program))
    UNION ALL
    SELECT id, course_program_id FROM course_cohort
    WHERE id NOT IN (SELECT id FROM incoming_course_cohort WHERE id IS NOT NULL)
), course_session AS (
    SELECT id, group_class_id FROM incoming_session
    UNION ALL
    SELECT id, group_class_id FROM session
    WHERE id NOT IN (SELECT id FROM incoming_session WHERE id IS NOT NULL)
)
SELECT pin.path || '{field}', {reason}
FROM incoming_course_cohort_session AS pin
JOIN option ON option.id = pin.course_step_option_id
LEFT JOIN step ON step.id = option.course_step_id
LEFT JOIN cohort ON cohort.id = pin.course_cohort_id
LEFT JOIN course_session AS held ON held.id = pin.session_id
WHERE {mismatch}
"""

PINS_THAT_DONT_FIT = (
    _PIN.format(
        field=".sessionId",
        reason="format('session %s belongs to group class %s, option %s to group class %s',"
        " held.id, held.group_class_id, option.id, option.group_class_id)",
        mismatch="held.group_class_id <> option.group_class_id",
    ),
    _PIN.format(
        field=".courseStepOptionId",
        reason="format('option %s belongs to program %s, the cohort to program %s',"
        " option.id, step.course_program_id, cohort.course_program_id)",
        mismatch="step.course_program_id <> cohort.course_program_id",
    ),
)
