"""What students see and do: their courses, one step, a whole package, and their requests."""
