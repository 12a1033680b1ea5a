"""RD-24: everything on a sheet stands in a cell that asks for it."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

RULE = Rule(
    code="RD-24",
    severity="warning",
    check=doubted("unplaced"),
    bad={"seen.doubts": (Doubt("unplaced", (), {"count": 1, "cells": ["C26"], "texts": ["制表人：张三"]}),)},
    good={"seen.doubts": ()},
)
