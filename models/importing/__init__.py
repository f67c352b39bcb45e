"""A catalog on its way into the database: staged, judged as a whole, then written at once."""
