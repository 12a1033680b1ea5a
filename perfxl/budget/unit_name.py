"""The name of a unit, taken apart: the level of government, the place, and the department.

清溪县教育和体育局 is a bureau (教育和体育局) of a county (清溪县), 清溪县柳溪镇人民政府本级 a town, and
安州市生态环境局清溪县分局 a branch of a city's bureau whose area is the county. A name that does not tell its place and
level, such as 省水利厅 or 第二中学, has none.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from perfxl.form.characters import squeeze
from perfxl.form.late_pattern import late_pattern

TOWNS = ("镇", "乡", "街道")
"""The levels below the county."""

_HEAD = late_pattern(
    r"^(?:中共|中国共产党|共青团|中国共产主义青年团|国家税务总局|中国人民政治协商会议|政协|中国人民解放军|国网|中国)*"
)
_END = late_pattern(r"(?:[（(]?(?:本级|机关|本部)[）)]?)+$")
_BODY = r"[\u4e00-\u9fff]"
_NOT_OF_DEPARTMENT = r"(?![局委办厅院处部会司])"  # the name of a place does not run on into that of a department
_ABOVE = late_pattern(
    r"(?:[\u4e00-\u9fff]{2,8}?(?:省|自治区))?"
    r"(?:(?:(?![省县区市局委办厅])[\u4e00-\u9fff]){1,10}?(?:市(?![场政容民委区直长立级中南北])|自治州|地区|盟))?"
)
_COUNTY = late_pattern(
    rf"(?P<place>(?:{_NOT_OF_DEPARTMENT}{_BODY}){{1,11}}?)"
    r"(?P<level>自治县|县(?!级|域|城区|城乡居)|区(?!划|域)|市(?![场政容民委区直长立级]))"
)
_BANNER = late_pattern(rf"(?P<place>(?:{_NOT_OF_DEPARTMENT}{_BODY}){{1,11}}?)(?P<level>自治旗|旗)(?!舰)")
_ZONE = "(?:开发|高新|经开|新|示范|度假|保护|管理|工业|产业|合作|试验|实验|园|景|社)区"
_NO_PLACE = late_pattern(  # these words end in 区 or 市 and name no district and no city
    rf"{_ZONE}$|^(?:灌|林|库|山|老|矿|校|厂|片|辖|地|小|战|滩|牧)区$|^(?:城|超|都|集|股|夜|门|菜|农贸)市$"
)
_OF_ZONE = late_pattern(rf"市?直|.{{0,8}}{_ZONE}.{{0,3}}(?:管委会|管理委员会|[^镇乡]{{2,8}}局$)")
_TOWN = late_pattern(
    r"(?!(?:城|村|集|小城|农村集)镇|城乡)(?P<place>(?:(?![县区镇乡局委])[\u4e00-\u9fff]){1,8}?)(?P<level>镇|民族乡|苏木|乡|街道)"
    r"(?:(?=人民|政府|办事|党|财政|人大|便民|综合|社会|退役|公共|农业|农村|文化|水利|林业|畜牧|中心|卫生|敬老|残|司法|武装|$)"
    r"|(?<=[镇道])(?<![城村集乡小]镇)(?![化域级村]))"
)
_BARE = late_pattern(
    r"^(?P<level>县|区(?!划|域)|镇|乡(?!村|镇)|街道)(?=.{1,16}(?:局|委|委员会|办|办公室|中心|会|院|所|站|馆|政府|办事处)$)"
)
_BRANCH = late_pattern(
    rf"^(?P<dept>{_BODY}{{2,14}}局)(?P<place>{_BODY}{{1,8}}?)(?P<level>县|区|市)(?:分局|支队|大队|执法大队|分中心)$"
)
_SCHOOL = late_pattern("小学|中学|学校|幼儿园|高中|初中|学院|医院|农场|林场")


class UnitName(NamedTuple):
    """The parts of a unit's name.

    ``level``: 镇, 乡, 街道, 县, 区, 市 or 旗, empty where the name does not tell it; ``place``: the place of that level
    without the word for the level (清溪, 柳溪), empty where there is none; ``above``: the places above it, as written;
    ``department``: the rest (教育和体育局); ``branch``: True for a branch of a higher bureau.
    """

    level: str = ""
    place: str = ""
    above: str = ""
    department: str = ""
    branch: bool = False

    @property
    def town(self) -> bool:
        """True for a town, a township or a street office, and what belongs to it."""
        return self.level in TOWNS


@lru_cache(maxsize=1024)
def unit_name(name: str) -> UnitName:
    """Return the parts of a unit's name."""
    plain = _END.sub("", _HEAD.sub("", squeeze(name), count=1))
    above = _ABOVE.match(plain)
    start = above.end() if above else 0
    if branch := _BRANCH.match(plain[start:]) if start else None:
        return UnitName(branch["level"], branch["place"], plain[:start], branch["dept"], True)
    county = _county(plain, start)
    end = county.end() if county else start
    if town := _TOWN.match(plain, end):
        level = {"民族乡": "乡", "苏木": "乡"}.get(town["level"], town["level"])
        return UnitName(level, town["place"], plain[:end], plain[town.end() :])
    if _SCHOOL.search(plain):  # its area is its own ground, whoever runs it
        return UnitName()
    if _OF_ZONE.match(plain[end:]):  # 全区 is its own, and what lies above it is not known
        return UnitName()
    if county:
        return UnitName(county["level"][-1], county["place"], plain[:start], plain[end:])
    if start and plain[start - 1] == "市":  # of which level it is, nobody can say
        place = re.sub("^.*(?:省|自治区)", "", plain[:start]).removesuffix("市")
        return UnitName("市", place, plain[: start - len(place) - 1], plain[start:])
    bare = _BARE.match(plain)
    return UnitName(bare["level"], "", "", plain[bare.end() :]) if bare else UnitName()


def _county(plain: str, start: int) -> re.Match[str] | None:
    """Return the county, district, banner or county-level city that a name has at a place."""
    county = _COUNTY.match(plain, start) or _BANNER.match(plain, start)
    return None if county and _NO_PLACE.search(county[0]) else county
