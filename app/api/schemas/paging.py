"""What all lists have in common."""

from app.api.fields import QueryInteger
from app.api.schemas.base import QuerySchema

LONGEST_PAGE = 200
USUAL_PAGE = 50


class PageQuerySchema(QuerySchema):
    """How many rows a page has at most; each list adds its own cursor and filters."""

    limit = QueryInteger(1, LONGEST_PAGE, load_default=USUAL_PAGE)
