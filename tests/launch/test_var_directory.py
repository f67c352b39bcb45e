"""Whose directory it is that everything is kept in."""

import os
from pathlib import Path

import pytest

from app import var_directory
from app.var_directory import claim
from tests.launch.places import NO_SERVERS, Place

pytestmark = pytest.mark.timeout(40)

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make others' directories")
NOBODY = 65534
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("arguments", [[], ["--reset"]], ids=["run", "reset"])
@pytest.mark.parametrize("secret", ["", SECRET], ids=["making a secret", "with a secret"])
def test_a_directory_with_other_things_in_it_is_refused_and_left_as_it_is(
    place: Place, arguments: list[str], secret: str
) -> None:
    place.write_procfile("sleeper: sleep 1000")
    for name in ("log", "run", "postgres", "mail"):
        (place.var / name).mkdir(parents=True)
        (place.var / name / "mine.txt").write_text("precious")
    before = sorted(place.var.rglob("*"))

    launcher = place.launch(*arguments, **NO_SERVERS, JWT_SECRET=secret)

    out, err = launcher.communicate(timeout=15)
    assert (launcher.returncode, out) == (1, "")
    assert err == (
        f"Thrive Booking: VAR_DIR names {place.var}, which has other things in it and no"
        f" .thrive-booking: name a new directory, for example VAR_DIR={place.var}/thrive-booking\n"
    )
    assert sorted(place.var.rglob("*")) == before


def test_an_empty_directory_becomes_ours_and_stays_so(tmp_path: Path) -> None:
    claim(tmp_path)
    (tmp_path / "mine.txt").write_text("")
    claim(tmp_path)


def test_the_checkouts_own_directory_is_ours_whatever_was_put_there_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(var_directory, "DEFAULT", tmp_path)
    (tmp_path / "run.log").write_text("what `make run` prints, into a file of the reader's choice")
    claim(tmp_path)
    assert (tmp_path / var_directory.MARKER).exists()


@as_root
@pytest.mark.parametrize("arguments", [[], ["--reset"]], ids=["run", "reset"])
def test_another_users_directory_is_refused(place: Place, arguments: list[str]) -> None:
    place.write_procfile("sleeper: sleep 1000")
    claim(place.var)
    (place.var / "jwt-secret").write_text(SECRET)
    os.chown(place.var, NOBODY, NOBODY)

    launcher = place.launch(*arguments)

    out, err = launcher.communicate(timeout=15)
    assert (launcher.returncode, out) == (1, "")
    assert err == (
        f"Thrive Booking: VAR_DIR names {place.var}, which belongs to nobody; run it as that user\n"
    )
    assert sorted(path.name for path in place.var.iterdir()) == [".thrive-booking", "jwt-secret"]


def test_what_is_in_the_way_in_it_is_told_in_one_line(place: Place) -> None:
    place.write_procfile("sleeper: sleep 1000")
    claim(place.var)
    (place.var / "log").write_text("a file of this name")

    launcher = place.launch(**NO_SERVERS)

    _, err = launcher.communicate(timeout=15)
    assert (launcher.returncode, err) == (1, f"Thrive Booking: {place.var}/log: File exists\n")
