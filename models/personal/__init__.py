"""One person's data: where it is, all of it to hand out, and its erasure."""
