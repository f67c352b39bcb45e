"""How the schema came to be: expand, backfill, contract."""
