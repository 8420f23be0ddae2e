"""`python -m povstats` is the command line, also where no script is on the path."""

from povstats.cli import app

if __name__ == "__main__":
    app()
