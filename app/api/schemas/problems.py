"""Problems as the OpenAPI document describes them, and the ones that jobs carry."""

from marshmallow import fields

from app.api.fields import Id
from app.api.schemas.base import AnswerSchema
from app.api.schemas.offers import CourseStepSessionOptionSchema


class ProblemSchema(AnswerSchema):
    """RFC 9457 problem details, with a code for programs and a sentence for people."""

    type = fields.String(metadata={"format": "uri-reference"})
    title = fields.String()
    status = fields.Integer(metadata={"minimum": 400, "maximum": 599})
    code = fields.String(metadata={"description": "A word that names the problem for programs."})
    detail = fields.String(metadata={"description": "For the client's developer."})
    message = fields.String(metadata={"description": "A sentence for the student."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={
            "optional": True,
            "description": "What is wrong with each field, named as it was sent.",
        },
    )


class StepFailureSchema(AnswerSchema):
    """Why one step of a bulk booking wasn't booked, and what could be taken instead."""

    course_step_id = Id()
    code = fields.String()
    message = fields.String()
    alternatives = fields.List(fields.Nested(CourseStepSessionOptionSchema))
    waitlist_open = fields.Boolean()


class JobProblemSchema(ProblemSchema):
    """Why a job was refused or failed."""

    alternatives = fields.List(
        fields.Nested(CourseStepSessionOptionSchema),
        metadata={"optional": True, "maxItems": 10},
    )
    waitlist_open = fields.Boolean(metadata={"optional": True})
    failures = fields.List(
        fields.Nested(StepFailureSchema),
        metadata={"optional": True, "description": "Of a bulk booking: every step refused."},
    )
