"""Check shapes in all tests: the hook is installed before any module under test is imported."""

from tests.shape_checks import check_shapes

check_shapes()
