"""The shape of a catalog: which lists it has, which fields their objects have."""

from typing import Any

from app.catalog_file import values
from app.catalog_file.fields import Field, FieldReader, Fields, optional
from models.catalog import SessionStatus
from models.enrolment import PackageStatus
from models.importing.fault import Fault
from models.importing.rows import (
    Catalog,
    CohortRow,
    GroupClassRow,
    OptionRow,
    PackageRow,
    PinRow,
    ProgramRow,
    SessionRow,
    StepRow,
    UserRow,
)
from models.people import Role

_ID = Field(values.an_id)
_NAME = Field(values.name)
_ZONE = Field(values.time_zone)

_USER: Fields = {
    "id": _ID,
    "email": Field(values.email),
    "name": _NAME,
    "role": Field(values.one_of(Role)),
    "timeZone": _ZONE,
    "locale": Field(values.locale),
}
_GROUP_CLASS: Fields = {
    "id": _ID,
    "name": _NAME,
    "teacherId": _ID,
    "capacityMax": Field(values.seats),
    "timeZone": _ZONE,
}
_SESSION: Fields = {
    "id": _ID,
    "startAt": Field(values.session_time),
    "endAt": Field(values.session_time),
    "capacityMax": optional(values.seats),
    "status": optional(values.one_of(SessionStatus)),
}
_PROGRAM: Fields = {
    "id": _ID,
    "title": _NAME,
    "ordered": optional(values.flag, default=False),
    "bookingOpensAt": optional(values.instant),
    "changeWindowHours": optional(values.window_hours),
    "cancelWindowHours": optional(values.window_hours),
}
_STEP: Fields = {
    "id": _ID,
    "label": _NAME,
    "title": _NAME,
    "order": Field(values.step_order),
    "isRequired": optional(values.flag, default=True),
}
_OPTION: Fields = {
    "id": _ID,
    "groupClassId": _ID,
    "isActive": optional(values.flag, default=True),
}
_COHORT: Fields = {"id": _ID, "programId": _ID, "name": _NAME}
_PIN: Fields = {"courseStepOptionId": _ID, "sessionId": _ID}
_PACKAGE: Fields = {
    "id": _ID,
    "userId": _ID,
    "cohortId": _ID,
    "packageName": _NAME,
    "status": optional(values.one_of(PackageStatus)),
    "expiresAt": optional(values.instant),
}
_LISTS = ("users", "groupClasses", "programs", "cohorts", "packages")


def read_catalog(document: Any) -> tuple[Catalog, list[Fault]]:
    """Return the rows of a JSON document and every fault of its shape.

    A faulty field is None in its row, so that the rest of the row can still be judged.
    """
    shape = _Shape()
    shape.read_document(document)
    return shape.catalog, shape.faults


class _Shape(FieldReader):
    def __init__(self) -> None:
        super().__init__()
        self.catalog = Catalog()

    def read_document(self, document: Any) -> None:
        self.read("$", document, {}, lists=_LISTS)
        for path, item in self.items("$", document, "users"):
            if user := self.read(path, item, _USER):
                self.catalog.users.append(UserRow(path, *user.values()))
        for path, item in self.items("$", document, "groupClasses"):
            self._read_group_class(path, item)
        for path, item in self.items("$", document, "programs"):
            self._read_program(path, item)
        for path, item in self.items("$", document, "cohorts"):
            self._read_cohort(path, item)
        for path, item in self.items("$", document, "packages"):
            if package := self.read(path, item, _PACKAGE):
                self.catalog.packages.append(PackageRow(path, *package.values()))

    def _read_group_class(self, path: str, item: Any) -> None:
        if group_class := self.read(path, item, _GROUP_CLASS, lists=("sessions",)):
            self.catalog.group_classes.append(GroupClassRow(path, *group_class.values()))
            for session_path, session in self.items(path, item, "sessions"):
                self._read_session(session_path, session, group_class)

    def _read_session(self, path: str, item: Any, group_class: dict[str, Any]) -> None:
        session = self.read(path, item, _SESSION)
        if not session:
            return
        start, end, capacity = session["startAt"], session["endAt"], session["capacityMax"]
        if start and end and end <= start:
            self.faults.append(Fault(f"{path}.endAt", "must be after startAt"))
        if capacity is None:
            capacity = group_class["capacityMax"]
        self.catalog.sessions.append(
            SessionRow(
                path, session["id"], group_class["id"], start, end, capacity, session["status"]
            )
        )

    def _read_program(self, path: str, item: Any) -> None:
        if program := self.read(path, item, _PROGRAM, lists=("steps",)):
            self.catalog.programs.append(ProgramRow(path, *program.values()))
            for step_path, step_item in self.items(path, item, "steps"):
                self._read_step(step_path, step_item, program["id"])

    def _read_step(self, path: str, item: Any, program_id: int | None) -> None:
        if step := self.read(path, item, _STEP, lists=("options",)):
            step_id, *others = step.values()
            self.catalog.steps.append(StepRow(path, step_id, program_id, *others))
            for option_path, option_item in self.items(path, item, "options"):
                if option := self.read(option_path, option_item, _OPTION):
                    option_id, *rest = option.values()
                    self.catalog.options.append(OptionRow(option_path, option_id, step_id, *rest))

    def _read_cohort(self, path: str, item: Any) -> None:
        if cohort := self.read(path, item, _COHORT, lists=("sessions",)):
            self.catalog.cohorts.append(CohortRow(path, *cohort.values()))
            for pin_path, pin_item in self.items(path, item, "sessions"):
                if pin := self.read(pin_path, pin_item, _PIN):
                    self.catalog.pins.append(PinRow(pin_path, cohort["id"], *pin.values()))
