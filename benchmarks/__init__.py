"""The figures of the README, and what they are compared with; see README.md here."""
