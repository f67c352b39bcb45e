"""The parts of `make run`, one a file; `app.launch` puts them together."""
