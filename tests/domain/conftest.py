"""No deadlines: a slow machine is not a broken wheel."""

from hypothesis import settings

settings.register_profile("token-wheel", deadline=None, print_blob=True)
settings.load_profile("token-wheel")
