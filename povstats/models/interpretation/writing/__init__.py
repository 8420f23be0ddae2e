"""The model written down: equations by level, statements for other programs, the note of a table."""
