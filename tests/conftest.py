"""Settings of all tests: shapes are checked, by a hook that is installed before any module under test is imported, and no example has a time limit."""

from hypothesis import settings

from tests.shape_checks import check_shapes

check_shapes()
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
