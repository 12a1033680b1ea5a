"""A county in the middle of a round, written straight into a store: units in a tree, projects in all states."""

from __future__ import annotations

import hashlib
import random
from pathlib import Path

from perfxl.rounds.model import RegisteredProject, RegisteredUnit, Registry
from perfxl.rounds.round import Round, create_round
from perfxl.rounds.store.group import project_key
from perfxl.rounds.store.opening import open_store
from perfxl.rounds.store.rows import Delivery, KeptDecision, KeptFinding, KeptSubmission, Question

FORM = "project-target"
_DEPARTMENTS = (
    ("教育体育局", ("第{}中学", "第{}小学", "第{}幼儿园", "第{}职业技术学校（清溪县第{}特殊教育资源中心）")),
    ("卫生健康局", ("第{}医院", "第{}社区卫生服务中心", "第{}卫生院")),
    ("农业农村局", ("第{}农业技术推广站", "第{}畜牧兽医站", "第{}农产品质量检测中心")),
    ("水务局", ("第{}水库管理所", "第{}灌区管理处")),
    ("人力资源和社会保障局", ("第{}就业服务中心", "第{}城乡居民社会养老保险管理服务中心")),
)
_TOWNS = ("柳溪", "石门", "马营", "赵庄", "双泉", "白河", "青山", "李桥", "松岭", "沙河", "杨店", "古城")
_DIGITS = "零一二三四五六七八九"


def _numeral(number: int) -> str:
    """A number below a hundred in Chinese; above, its last two digits."""
    ten, one = divmod(number % 100, 10)
    return ("" if ten < 2 else _DIGITS[ten]) + ("十" if ten else "") + (_DIGITS[one] if one or not ten else "")


def invented_registry(rng: random.Random, units: int, projects: int) -> Registry:
    """Departments with units below them, and townships by themselves; about ``projects`` projects a unit."""
    made = [RegisteredUnit(f"{201 + at}", f"清溪县{name}") for at, (name, _) in enumerate(_DEPARTMENTS)]
    for number in range(1, 1 + max(1, units - len(made))):
        above, (_, kinds) = rng.choice([*zip(made, _DEPARTMENTS, strict=False)])
        code, name, parent = f"{above.code}{number:03d}", rng.choice(kinds), above.code
        if number % 6 == 0:
            town = _TOWNS[number // 6 % len(_TOWNS)] + ("" if number < 72 else _numeral(number // 72))
            code, name, parent = f"904{number:03d}", f"{town}镇人民政府本级", ""
        contact, phone = rng.choice(["周敏", "何涛", "吕静", "欧阳建国", ""]), f"710{number:04d}"
        made.append(RegisteredUnit(code, f"清溪县{name.format(*[_numeral(number)] * 2)}", parent, contact, phone, 0.0))
    asked = [
        RegisteredProject(
            unit.code, FORM, number, f"P{unit.code}{number:02d}", f"项目{number}",
            {"budget.total": rng.randint(100, 40000) / 100}, "secret" if rng.random() < 0.003 else "open",
        )
        for unit in made
        if unit.phone
        for number in range(1, 1 + rng.randint(1, 2 * projects - 1))
    ]  # fmt: skip
    return Registry(tuple(_with_control(unit, asked, rng) for unit in made), tuple(asked))


def _with_control(unit: RegisteredUnit, projects: list[RegisteredProject], rng: random.Random) -> RegisteredUnit:
    amount = round(sum(one.given["budget.total"] for one in projects if one.unit == unit.code), 2)
    control = round(amount + rng.choice([0] * 9 + [6]), 2) if unit.phone else None
    return RegisteredUnit(unit.code, unit.name, unit.parent, unit.contact, unit.phone, control)


def county_in_progress(folder: Path, rng: random.Random, units: int = 300, projects: int = 10) -> Round:
    """Make the folder of a round, and fill its store as if three weeks had passed."""
    round = create_round(folder, 2024, "一上", deadline="2024-03-15 17:00", office="绩效股", phone="7102233")
    registry = invented_registry(rng, units, projects)
    with open_store(round.store, write=True, make=True) as store, store.group("王敏", "2024-03-01T08:00:00") as group:
        group.put_registry(registry)
        run = group.add_run("0.1.0")
        for unit in registry.units:
            own = [project for project in registry.projects if project.unit == unit.code]
            fate = rng.choice(["all", "all", "all", "some", "none", "blank", "photo"])
            arrived = f"2024-03-{rng.randint(10, 16):02d}T{rng.randint(8, 18):02d}:26:00"
            digest = hashlib.sha256(unit.code.encode()).hexdigest()
            if fate == "photo" and own:
                group.add_delivery(Delivery(run, digest, f"{unit.name}.jpg", "", arrived, "unreadable"))
            if fate == "blank" and own:
                reason = {"sheets": {"blank": [list(project.key) for project in own]}}
                group.add_delivery(Delivery(run, digest, f"{unit.code}.xlsx", "", arrived, "blank", reason))
            if fate not in ("all", "some") or not own:
                continue
            delivery = group.add_delivery(Delivery(run, digest, f"{unit.code}.xlsx", "", arrived, "taken"))
            for project in own if fate == "all" else own[: len(own) // 2]:
                if project.disclosure == "open":
                    _add_draft(group, rng, project, delivery)
    return round


def _add_draft(group, rng: random.Random, project: RegisteredProject, delivery: int) -> None:  # type: ignore[no-untyped-def]
    findings = [KeptFinding("MN-02", "error", ("budget.total",), "D6", {"sum": 10.5})] * rng.choice([0, 0, 1, 3])
    findings += [KeptFinding("IN-06", "warning", ("purpose",), "B7", {"text": "x" * 80})] * rng.choice([0, 0, 2])
    record = {"name": project.name, "purpose": "用于发放补贴，" * 40, "rows": [{"target": "≥95%" * 9}] * 12}
    draft = KeptSubmission(delivery, project.key, 1, project.name, record, "ab", (), True, tuple(findings))
    id = group.add_submission(draft)
    key = project_key(project.key)
    fate = rng.choice(["", "", "returned", "sent", "approved", "question"])
    if fate in ("returned", "sent"):
        group.add_decision(KeptDecision("returned", "project", key, id, id))
    elif fate == "approved":
        group.add_decision(KeptDecision("approved", "project", key, id, id))
    if fate == "question" and rng.random() < 0.2:
        group.add_question(Question(project.key, (id,), "much_changed", {"changed": 9}))
