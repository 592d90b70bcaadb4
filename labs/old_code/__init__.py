"""What changed in the libraries: rows that run, a sandbox to run them in, and their table."""
