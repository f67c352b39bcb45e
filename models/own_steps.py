"""Whether a step of a package is a student's own."""

from sqlalchemy import Connection, select

from models.enrolment import StudentCourseStepProgress, StudentPackage


def owns_step(db: Connection, user_id: int, package_id: int, step_id: int) -> bool:
    """Whether the package is this student's and has this step."""
    query = (
        select(StudentCourseStepProgress.id)
        .join(StudentPackage, StudentPackage.id == StudentCourseStepProgress.student_package_id)
        .where(
            StudentPackage.id == package_id,
            StudentPackage.user_id == user_id,
            StudentCourseStepProgress.course_step_id == step_id,
        )
    )
    return db.scalar(query) is not None
