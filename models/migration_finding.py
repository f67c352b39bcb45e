"""What the migrations found in old data: listed, never lost."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Identity, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class MigrationFinding(Base):
    """One old row that broke a rule when the rule came: what it was and what was done."""

    __tablename__ = "migration_finding"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    revision: Mapped[str]
    rule: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int]
    detail: Mapped[dict[str, Any]]
    found_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
