"""`python -m anaspike` is the same as `anaspike`."""

from anaspike.cli import main

main()
