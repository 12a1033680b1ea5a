"""RD-27: a sheet holds answers of its own, not those of another sheet of the same call."""

from perfxl.rules.base import Rule
from perfxl.rules.doubted import doubted
from perfxl.submission import Doubt

OTHER = {"unit": "990002清溪县柳河镇综合服务中心", "sheet": "项目03防汛物资储备", "count": 28, "whole": 30}

RULE = Rule(
    code="RD-27",
    severity="warning",
    check=doubted("same_answers"),
    bad={"seen.doubts": (Doubt("same_answers", (), OTHER),)},
    good={"seen.doubts": ()},
)
