"""What sets one installation of the product apart from every other."""

from uuid import UUID

from sqlalchemy import CheckConstraint, func, true
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base


class Installation(Base):
    """The one row whose id goes into what must be unique in the world, as UIDs of a calendar."""

    __tablename__ = "installation"

    singleton: Mapped[bool] = mapped_column(server_default=true(), primary_key=True)
    id: Mapped[UUID] = mapped_column(server_default=func.gen_random_uuid())

    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
