"""`python -m sandbox` is `his-sandbox`."""

from sandbox.cli import main

main()
