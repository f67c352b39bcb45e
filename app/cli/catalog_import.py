"""`flask --app app import-catalog FILE.json`: upserts a catalog by id, all or nothing."""

from pathlib import Path

import click
from flask.cli import with_appcontext
from tqdm import tqdm

from app.api.collaborators import current_runtime
from app.catalog_file import read_catalog, read_document
from app.cli.failures import FAULT, fails_in_one_line
from app.cli.output import as_json, print_json
from app.clock import utc_now
from models.catalog_import import import_catalog
from models.importing.fault import CatalogFaults, Fault
from models.importing.writing import Counts


@click.command("import-catalog")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@as_json
@with_appcontext
@fails_in_one_line
def import_catalog_command(file: Path, *, as_json: bool) -> None:
    """Write the catalog in FILE by id; with any fault, list all of them and write nothing."""
    try:
        counts = _import(file)
    except CatalogFaults as found:
        _print_faults(found.faults, as_json=as_json)
        raise click.exceptions.Exit(FAULT) from None
    _print_counts(counts, as_json=as_json)


def _import(file: Path) -> dict[str, Counts]:
    catalog, faults = read_catalog(read_document(file))
    # disable=None: a bar for people at a terminal, nothing in a log
    with tqdm(total=len(catalog), unit=" rows", disable=None, leave=False) as bar:
        return import_catalog(
            current_runtime().engine,
            catalog,
            now=utc_now(),
            known_faults=faults,
            on_rows=bar.update,
        )


def _print_faults(faults: list[Fault], *, as_json: bool) -> None:
    for fault in faults:
        click.echo(str(fault), err=True)
    if as_json:
        print_json({"faults": [fault._asdict() for fault in faults]})


def _print_counts(counts: dict[str, Counts], *, as_json: bool) -> None:
    if as_json:
        print_json({kind: count._asdict() for kind, count in counts.items()})
        return
    for kind, (new, changed, same) in counts.items():
        click.echo(f"{kind}: {new} new, {changed} changed, {same} same")
