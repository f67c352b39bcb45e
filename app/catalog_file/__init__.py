"""The catalog file (docs: its format is the contract's "Catalog file"), read and checked.

What needs the database is checked by `models.catalog_import`.
"""

from app.catalog_file.document import read_document
from app.catalog_file.shape import read_catalog

__all__ = ["read_catalog", "read_document"]
