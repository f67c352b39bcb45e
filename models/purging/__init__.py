"""Retention: what was finished long ago is deleted, table by table, in small batches."""
