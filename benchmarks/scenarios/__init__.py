"""The scenarios, one subject a file."""
