"""The shapes of what staff ask for and get, one file for each subject."""
