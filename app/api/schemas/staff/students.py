"""Students as staff find them."""

from marshmallow import fields

from app.api.cursors import Cursor
from app.api.fields import Id, Text
from app.api.schemas.base import AnswerSchema
from app.api.schemas.paging import PageQuerySchema

LONGEST_SEARCH = 100


class StudentCursor(Cursor):
    """A place among students by id."""

    of = "students"
    parts = (int,)


class StudentQuerySchema(PageQuerySchema):
    """What the name or the address contains, in whichever case; without it all are listed."""

    q = Text(LONGEST_SEARCH, shortest=1)
    cursor = StudentCursor()


class StudentSchema(AnswerSchema):
    """A student, and in which zone and language to write to them."""

    id = Id()
    name = fields.String()
    email = fields.String()
    time_zone = fields.String()
    locale = fields.String()


class StudentListSchema(AnswerSchema):
    """A page of students; `next` is the cursor of the page after it, null at the end."""

    items = fields.List(fields.Nested(StudentSchema))
    next = StudentCursor(allow_none=True)
