"""The files that the operations guide installs, each by the program that will read it."""

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from app import create_app
from app.catalog_file import read_catalog, read_document
from app.launching.procfile import RELEASE, read_procfile
from app.settings import CHECKOUT, Settings
from models.heartbeat import beat
from models.invariant_result import keep_results
from models.invariants import check_invariants
from tests.operations.unit_runner import Unit

DEPLOYING = CHECKOUT / "docs" / "deploying"
ALERTS = (DEPLOYING / "alerts.yml").read_text(encoding="utf-8")


@pytest.fixture
def client(engine: Engine, settings: Settings) -> FlaskClient:
    return create_app(settings).test_client()


def run(*command: object) -> str:
    ended = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="UNITS NOT VERIFIED: no systemd")
@pytest.mark.parametrize(
    ("template", "instance"), [("thrive-booking", "worker"), ("thrive-booking-web", "8001")]
)
def test_systemd_understands_the_units(template: str, instance: str, tmp_path: Path) -> None:
    text = (DEPLOYING / f"{template}@.service").read_text()
    unit = tmp_path / f"{template}@{instance}.service"
    # where the release is not, systemd would say that it is missing
    unit.write_text(text.replace("/opt/thrive-booking/current", str(CHECKOUT)))
    assert run("systemd-analyze", "verify", unit) == ""


def test_a_unit_runs_the_line_of_the_procfile_that_it_is_named_after(tmp_path: Path) -> None:
    lines = read_procfile(CHECKOUT / "Procfile")
    (tmp_path / "Procfile").write_text(
        "".join(f'{name}: echo {name} "${{PORT:-none}}"\n' for name in lines)
    )
    for name in lines.keys() - {RELEASE, "web"}:
        assert said_by("thrive-booking", name, tmp_path) == f"{name} none\n"
    assert said_by("thrive-booking-web", "8123", tmp_path) == "web 8123\n"


def test_a_unit_that_names_no_line_of_the_procfile_ends_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "Procfile").write_text("worker: echo worker\n")
    with pytest.raises(subprocess.CalledProcessError) as ended:
        said_by("thrive-booking", "wroker", tmp_path)
    assert "the Procfile has no wroker" in ended.value.stderr


def test_a_setting_that_cant_be_used_ends_a_web_unit_before_its_server_starts(
    session_settings: Settings,
) -> None:
    unit = Unit(DEPLOYING, CHECKOUT, "thrive-booking-web@8001")
    python, *words = unit.words("ExecStartPre")
    assert python.endswith("/.venv/bin/python")
    known = {
        "DATABASE_URL": session_settings.database_url,
        "REDIS_URL": session_settings.redis_url,
        "VAR_DIR": str(session_settings.var),
    }
    for proxies, code in (("1", 0), ("one", 1)):
        ended = subprocess.run(
            [sys.executable, *words],
            cwd=CHECKOUT,
            env=os.environ | known | {"PROXIES": proxies},
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == code, ended.stderr
    assert ended.stderr.startswith("Thrive Booking: PROXIES")
    assert ended.stderr.count("\n") == 1


def said_by(template: str, instance: str, directory: Path) -> str:
    state = directory / f"{template}-{instance}"
    state.mkdir()
    unit = Unit(DEPLOYING, state, f"{template}@{instance}")
    environment, command = unit.environment(files=False), unit.command()
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, check=True
    ).stdout


def test_all_processes_of_the_procfile_are_started_by_the_guide() -> None:
    guide = (CHECKOUT / "docs" / "deploying.md").read_text(encoding="utf-8")
    started = set(re.findall(r"thrive-booking@(\w+)", guide.partition("enable --now")[2]))
    assert started | {"web", RELEASE} == read_procfile(CHECKOUT / "Procfile").keys()


@pytest.mark.skipif(not shutil.which("promtool"), reason="ALERTS NOT CHECKED: no promtool")
def test_prometheus_understands_the_alerts_and_the_scraping(tmp_path: Path) -> None:
    shutil.copy(DEPLOYING / "alerts.yml", tmp_path / "thrive-booking-alerts.yml")
    shutil.copy(DEPLOYING / "prometheus.yml", tmp_path)
    assert "SUCCESS" in run("promtool", "check", "config", tmp_path / "prometheus.yml")


@pytest.mark.skipif(not shutil.which("amtool"), reason="MAILS OF ALERTS NOT CHECKED: no amtool")
def test_alertmanager_understands_whom_it_mails() -> None:
    assert "SUCCESS" in run("amtool", "check-config", DEPLOYING / "alertmanager.yml")


def test_the_alerts_are_made_of_metrics_that_are_there(engine: Engine, client: FlaskClient) -> None:
    with engine.begin() as db:
        beat(db, "worker")
    with engine.begin() as db:
        keep_results(db, check_invariants(engine), datetime.now(UTC))
    client.get("/healthz")
    there = set(re.findall(r"^(thrive_\w+)", client.get("/metrics").text, re.MULTILINE))
    used = set(re.findall(r"thrive_\w+", ALERTS))
    assert used
    assert used <= there


def test_each_alert_has_its_runbook() -> None:
    manual = (CHECKOUT / "docs" / "operations.md").read_text(encoding="utf-8")
    alerts = re.findall(r"- alert: (\w+)", ALERTS)
    assert len(alerts) == len(set(alerts))
    assert re.findall(r"^\*\*(\w+)\.\*\* ", manual, re.MULTILINE) == alerts


def test_the_first_catalog_can_be_imported() -> None:
    catalog, faults = read_catalog(read_document(DEPLOYING / "catalog.json"))
    assert faults == []
    assert len(catalog) > len(json.loads((DEPLOYING / "catalog.json").read_text()))
