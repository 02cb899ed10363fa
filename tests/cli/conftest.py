"""Fixtures of these tests."""

from tests.desk import desk as desk
from tests.desk import product as product
