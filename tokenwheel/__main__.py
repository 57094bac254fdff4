"""`python -m tokenwheel`: the command of a checkout, where `tokenwheel` is not installed."""

from tokenwheel.command import main

main()
