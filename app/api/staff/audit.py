"""The audit log."""

from typing import Any

from app.api.blueprint import ApiBlueprint
from app.api.collaborators import request_db
from app.api.pages import page
from app.api.schemas.staff.audit import AuditLogSchema, AuditQuerySchema
from app.api.staff.rights import STAFF
from models.audit_listing import AuditFilter, list_audit

audit = ApiBlueprint(
    "audit", url_prefix="/api/admin/audit", description="For staff: who did what, and why."
)


@audit.get("")
@audit.roles(*STAFF)
@audit.arguments(AuditQuerySchema, location="query")
@audit.response(200, AuditLogSchema)
def read_audit(query: dict[str, Any]) -> dict[str, Any]:
    """List what was done outside the ordinary rules or by staff, the newest first."""
    return page_of_audit(query)


def page_of_audit(query: dict[str, Any]) -> dict[str, Any]:
    """A page of the entries that a query asks for."""
    wanted = AuditFilter(
        actor_id=query.get("actor_id"), since=query.get("from_"), until=query.get("to")
    )
    limit = query["limit"]
    found = list_audit(request_db(), wanted, before=query.get("cursor"), limit=limit + 1)
    return page(found, limit, lambda entry: (entry.at, entry.id))
