"""The HTTP interface under `/api`, and the probes beside it."""
