"""What a step can be booked into."""

from marshmallow import fields

from app.api.fields import Id, Instant
from app.api.schemas.base import AnswerSchema


class CourseStepSessionOptionSchema(AnswerSchema):
    """A session that an option of a step offers; a full one is listed with 0 spots."""

    course_step_option_id = Id()
    session_id = Id()
    group_class_id = Id()
    group_class_name = fields.String()
    start_at = Instant()
    end_at = Instant()
    capacity_max = fields.Integer(metadata={"minimum": 0})
    spots_available = fields.Integer(metadata={"minimum": 0})
    is_active = fields.Boolean()
    teacher_name = fields.String()
    time_zone = fields.String(metadata={"description": "The venue's IANA time zone."})
    is_default = fields.Boolean(
        metadata={"description": "What booking the option without a sessionId would take."}
    )
    waitlist_open = fields.Boolean()


class UnbookedCourseStepSchema(AnswerSchema):
    """A step still to be booked, with at most 50 sessions, the earliest first."""

    step_id = Id()
    step_label = fields.String()
    step_title = fields.String()
    step_order = fields.Integer()
    is_required = fields.Boolean()
    options = fields.List(fields.Nested(CourseStepSessionOptionSchema))
