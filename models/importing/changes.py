"""Changes of stored rows that a catalog may not make.

A row keeps its parent: what was booked or bought under it would be left without. What touches
people's seats is for staff, whose calls tell everyone. Each query returns `path` and `reason`
of every fault of its sort.
"""

_OTHER_PARENT = """
SELECT path || '{field}', format('{what} %s belongs to {parent} %s and stays there',
                                 stored.id, stored.{column})
FROM incoming_{table} AS staged JOIN {table} AS stored USING (id)
WHERE staged.{column} <> stored.{column}
  -- one that isn't there at all is that fault already
  AND (staged.{column} IN (SELECT id FROM incoming_{target})
       OR staged.{column} IN (SELECT id FROM {target}))
"""


def _other_parent(table: str, column: str, field: str, what: str, parent: str) -> str:
    target = "user_account" if column == "user_id" else column.removesuffix("_id")
    return _OTHER_PARENT.format(
        table=table, column=column, field=field, what=what, target=target, parent=parent
    )


OTHER_PARENTS = (
    _other_parent("session", "group_class_id", ".id", "session", "group class"),
    _other_parent("course_step", "course_program_id", ".id", "step", "program"),
    _other_parent("course_step_option", "course_step_id", ".id", "option", "step"),
    _other_parent("course_step_option", "group_class_id", ".groupClassId", "option", "group class"),
    _other_parent("course_cohort", "course_program_id", ".programId", "cohort", "program"),
    _other_parent("student_package", "user_id", ".userId", "package", "user"),
    """
    SELECT staged.path || '.cohortId', format('package %s is of program %s, cohort %s is not',
                                       stored.id, old.course_program_id, staged.course_cohort_id)
    FROM incoming_student_package AS staged
    JOIN student_package AS stored USING (id)
    JOIN course_cohort AS old ON old.id = stored.course_cohort_id
    LEFT JOIN incoming_course_cohort AS given ON given.id = staged.course_cohort_id
    LEFT JOIN course_cohort AS known ON known.id = staged.course_cohort_id
    -- a stored cohort keeps its program, whatever the file says of it
    WHERE coalesce(known.course_program_id, given.course_program_id) <> old.course_program_id
    """,
)

SEATS_TAKEN = (
    """
    SELECT path || '.capacityMax',
           format('%s is below the %s seats taken', staged.capacity_max, stored.seats_taken)
    FROM incoming_session AS staged JOIN session AS stored USING (id)
    WHERE staged.state = 'changed' AND staged.capacity_max < stored.seats_taken
    """,
    """
    SELECT path || '.startAt', format('would move a session that has %s bookings; staff move it',
                                      stored.seats_taken)
    FROM incoming_session AS staged JOIN session AS stored USING (id)
    WHERE staged.state = 'changed' AND stored.seats_taken > 0
      AND (staged.start_at <> stored.start_at OR staged.end_at <> stored.end_at)
    """,
    """
    SELECT path || '.status', format('would cancel a session that has %s bookings; staff cancel it',
                                     stored.seats_taken)
    FROM incoming_session AS staged JOIN session AS stored USING (id)
    WHERE staged.state = 'changed' AND stored.seats_taken > 0
      AND staged.status = 'CANCELLED' AND stored.status <> 'CANCELLED'
    """,
)

_WAS_ERASED = """
SELECT path || '{field}', format('user %s was erased', stored.id)
FROM incoming_{table} AS staged JOIN user_account AS stored ON stored.id = staged.{column}
WHERE stored.email = format('erased-%s@invalid', stored.id) AND {condition}
"""

ERASED = (
    _WAS_ERASED.format(table="user_account", column="id", field=".id", condition="true"),
    # what they had stays, and may be told again as it is
    *(
        _WAS_ERASED.format(
            table=table, column=column, field=field, condition="staged.state <> 'same'"
        )
        for table, column, field in (
            ("group_class", "teacher_id", ".teacherId"),
            ("student_package", "user_id", ".userId"),
        )
    ),
)
"""Nobody comes back by a catalog that still knows them."""
