"""What the units of an invented county send in three waves and what the officer does between them, as stories.

A story knows what it did to each file, and says by the rules of a round what becomes of every sheet: so what is to be
expected is known without asking perfxl. The unit's turn and the officer's follow each other; a story yields at the
end of each.
"""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from perfxl.examples.county_files import SCAN, SentFile, SentWorkbook, Sheet, picture
from perfxl.examples.county_units import DEADLINE, WORDS, YEAR, County, Project, Unit

WAVES = ("2024-03-08", "2024-03-20", "2024-03-28")
"""The days on which the files of each wave came; the deadline lies behind the first."""

State = Literal["missing", "returned", "question", "review", "ready", "approved"]
ASKING = ("question", "unreadable", "not_ours", "not_this", "no_form", "secret", "taken", "same", "blank", "known")
"""The verdicts by how much they ask of a person: a file has the first of its sheets'."""
AGAIN = ("unreadable", "no_form", "not_ours", "not_this", "secret")
"""Files of these verdicts get them again when they lie in the inbox the next time; others are known then."""
MOST_SHEETS = 60
"""The sheets of a workbook: with more projects a unit sends several."""


@dataclass
class Standing:
    """What the story knows of a project.

    ``file``: the file of the draft that counts, empty for none; ``wrong``: something in it is to be put right;
    ``asked``: the files of the sheets that a question is open about, the newest last, and whether they are wrong;
    ``came``: the days on which its drafts came by their files, without those that a person put aside.
    """

    file: str = ""
    wrong: bool = False
    asked: list[tuple[str, bool]] = field(default_factory=list)
    approved: bool = False
    returned: bool = False
    came: dict[str, str] = field(default_factory=dict)

    @property
    def state(self) -> State:
        """The first that holds."""
        if self.approved:
            return "approved"
        if self.asked:
            return "question"
        if not self.file:
            return "missing"
        if self.returned:
            return "returned"
        return "review" if self.wrong else "ready"


@dataclass(frozen=True)
class ExpectedFile:
    """The end of a file: its verdict, and of its sheets by unit and number the verdict and the question."""

    verdict: str
    sheets: tuple[tuple[str, int, str, str], ...] = ()


@dataclass
class Wave:
    """A wave: what was sent, what becomes of every file that then lies in the inbox, what the officer does then.

    ``collected``, ``decided``: each project's state and the file of the draft that counts, after both.
    """

    day: str
    sent: list[SentFile] = field(default_factory=list)
    expected: dict[str, ExpectedFile] = field(default_factory=dict)
    acts: list[tuple[str, ...]] = field(default_factory=list)
    collected: dict[tuple[str, int], tuple[State, str]] = field(default_factory=dict)
    decided: dict[tuple[str, int], tuple[State, str]] = field(default_factory=dict)
    late: dict[str, bool] = field(default_factory=dict)


class Post:
    """One unit's part in the story: what it sends in the present wave, and what the officer decides about it."""

    def __init__(self, unit: Unit, rng: random.Random, narrator: Narrator) -> None:
        self.unit, self.rng, self.narrator = unit, rng, narrator
        self.projects = tuple(project for project in unit.projects if not project.secret)
        self.standings = {project.number: Standing() for project in self.projects}
        self.deadline = DEADLINE

    def sheets(self, mistakes: Mapping[int, str] | None = None, only: Sequence[int] = ()) -> list[Sheet]:
        """Return the sheets filled in; ``mistakes``: by number; ``only``: of these projects, else of all."""
        made = []
        for project in self.projects:
            if not only or project.number in only:
                mistake = WORDS["mistakes"].get((mistakes or {}).get(project.number, ""))
                made.append(Sheet(project, project.record, mistake["typed"] if mistake else {}, bool(mistake)))
        return made

    def mistakes(self, most: int = 4) -> dict[int, str]:
        """Return which projects have which mistake in their first draft; one at least is left without."""
        count = self.rng.randint(1, min(most, len(self.projects) - 1))
        chosen = self.rng.sample([project.number for project in self.projects], count)
        return {number: self.rng.choice(list(WORDS["mistakes"])) for number in sorted(chosen)}

    def send(
        self, sheets: Sequence[Sheet], fate: str = "taken", special: Mapping[int, str] | None = None, **how: Any
    ) -> None:
        """Send workbooks with these sheets.

        ``fate``: what becomes of the sheets; ``special``: of some by number, ``question:kind`` for a question. ``how``:
        see ``_send``.
        """
        for at in range(0, len(sheets), MOST_SHEETS):
            part = tuple(sheets[at : at + MOST_SHEETS])
            self._send(part, {sheet.project.number: (special or {}).get(sheet.project.number, fate) for sheet in part},
                       **how)  # fmt: skip

    def _send(
        self, sheets: tuple[Sheet, ...], fates: Mapping[int, str], hours: float = 0, came: float = 0, name: str = "",
        refused: str = "", **how: Any,
    ) -> None:  # fmt: skip
        """Send one workbook. ``hours``: by how much later it was saved than others; ``came``: the same of the file."""
        wave = self.narrator.wave
        noon = datetime.datetime.fromisoformat(f"{wave.day}T09:00:00")
        saved = noon - datetime.timedelta(days=1) + datetime.timedelta(hours=hours)
        arrived = noon + datetime.timedelta(hours=came or max(hours, 0))
        book = SentWorkbook(self.unit, sheets, saved.isoformat(), **how)
        ending = ".xls" if book.treatment == "xls" else ".xlsx"
        file = SentFile(name or self.narrator.name(self, ending), arrived.isoformat(), book)
        if refused:
            self.narrator.send(file, ExpectedFile(refused))
            return
        entries = [(self.unit.code, number, *self._take(number, fate, sheets, file)) for number, fate in fates.items()]
        if book.beside:  # the copied sheet has the same fate
            entries.append(next(entry for entry in entries if entry[1] == book.beside.project.number))
        verdict = min((entry[2] for entry in entries), key=ASKING.index)
        self.narrator.send(file, ExpectedFile(verdict, tuple(entries)))

    def _take(self, number: int, fate: str, sheets: Sequence[Sheet], file: SentFile) -> tuple[str, str]:
        """Note what became of a sheet; return its verdict and the question."""
        verdict, _, kind = fate.partition(":")
        standing = self.standings.get(number)
        wrong = next(sheet.wrong for sheet in sheets if sheet.project.number == number)
        if standing and verdict in ("taken", "question"):
            standing.came[file.name] = self.narrator.wave.day
            if verdict == "taken":
                standing.file, standing.wrong, standing.returned = file.name, wrong, False
            else:
                standing.asked.append((file.name, wrong))
        return verdict, kind

    def decide(self, number: int, what: str, *options: str, wrong: bool | None = None) -> None:
        """Let the officer decide about a project.

        approve, take-back; new, old, aside: which sheet counts. ``wrong``: something is to be put right after it, where
        the decision is about a finding or a remark.
        """
        standing = self.standings[number]
        self.narrator.wave.acts.append(("decide", self.unit.code, str(number), what, *options))
        if wrong is not None:
            standing.wrong = wrong
        elif what in ("approve", "take-back"):
            standing.approved = what == "approve"
        elif what == "new":
            (standing.file, standing.wrong), standing.returned, standing.approved = standing.asked.pop(), False, False
        if what in ("new", "old", "aside"):
            for file, _ in standing.asked:
                standing.came.pop(file, None)
            standing.asked.clear()

    def extend(self, until: str) -> None:
        """Let the officer give the unit more time."""
        self.deadline = until
        self.narrator.wave.acts.append(("decide", self.unit.code, "extend", "--until", until, "--why", "停电"))

    def is_late(self) -> bool:
        """Return True if all has come and the first draft of the last project came after the deadline."""
        firsts = [min(standing.came.values(), default="") for standing in self.standings.values()]
        return all(firsts) and max(firsts) > self.deadline


Story = Callable[[Post], Iterator[None]]


class Narrator:
    """Tells all stories side by side, wave by wave."""

    def __init__(self, county: County, seed: int, office: bool = False) -> None:
        rng = random.Random(seed)
        self.rng = rng
        chosen = _choose(len(county.asked), rng, office)
        units = {unit.code: _with_secret(unit) if story is secret else unit
                 for unit, story in zip(county.asked, chosen, strict=True)}  # fmt: skip
        self.county = County(tuple(units.get(unit.code, unit) for unit in county.units))
        self.waves: list[Wave] = []
        self.posts = [Post(unit, random.Random(f"{seed}/{code}"), self) for code, unit in units.items()]
        self.told = dict(zip(units, chosen, strict=True))
        self.names: set[str] = set()
        right = (post.projects for post in self.posts if self.told[post.unit.code] is punctual)
        self.copied = [project for projects in right for project in projects]

    @property
    def wave(self) -> Wave:
        """The present wave."""
        return self.waves[-1]

    def tell(self) -> list[Wave]:
        """Tell the stories; return the waves."""
        stories = [(post, self.told[post.unit.code](post)) for post in self.posts]
        for day in WAVES:
            before = dict(self.wave.expected) if self.waves else {}
            self.waves.append(Wave(day))
            for name, expected in before.items():
                self.wave.expected[name] = expected if expected.verdict in AGAIN else ExpectedFile("known")
            self._send_strangers()
            for _, story in stories:
                next(story, None)
            self.wave.collected = self._standings()
            self.wave.late = {post.unit.code: post.is_late() for post in self.posts}
            for _, story in stories:
                next(story, None)
            self._give_back()
            self.wave.decided = self._standings()
        return self.waves

    def _standings(self) -> dict[tuple[str, int], tuple[State, str]]:
        """Return where every project stands now."""
        return {
            (post.unit.code, number): (standing.state, standing.file)
            for post in self.posts
            for number, standing in post.standings.items()
        }

    def _give_back(self) -> None:
        """Return what is to be put right; what was returned before is not returned again."""
        self.wave.acts.append(("return",))
        for post in self.posts:
            for standing in post.standings.values():
                standing.returned = standing.returned or standing.state == "review"

    def send(self, file: SentFile, expected: ExpectedFile) -> None:
        """Let a file arrive."""
        self.wave.sent.append(file)
        self.wave.expected[file.name] = expected

    def name(self, post: Post, ending: str) -> str:
        """Return a name that a person gives a file, in a zip of the office above now and then, no two alike."""
        unit, rng = post.unit, post.rng
        stem, count = rng.choice(_NAMES).format(code=unit.code, name=unit.name), 1
        name = f"{stem}{ending}"
        while name in self.names:
            count += 1
            name = f"{stem}({count}){ending}"
        self.names.add(name)
        packed, wave = rng.random(), len(self.waves)
        if packed < 0.03:
            return f"{unit.code[:3]}汇总第{wave}批.zip:各单位.zip:{name}"
        return f"{unit.code[:3]}汇总第{wave}批.zip:{name}" if packed < 0.15 else name

    def _send_strangers(self) -> None:
        """Send what is of no unit of the round."""
        at = len(self.waves)
        came = f"{self.wave.day}T08:30:00"
        stray = Unit(f"88000{at}", f"白水县第{at}中学", "", self.posts[0].projects[:2])
        sheets = tuple(Sheet(project, project.record) for project in stray.projects)
        self.send(SentFile(f"白水县{at}.xlsx", came, SentWorkbook(stray, sheets, came)), ExpectedFile("not_ours"))
        self.send(SentFile(f"公章{at}.png", came, picture() + bytes(at)), ExpectedFile("unreadable"))


_NAMES = (
    "{code}{name}",
    "{name}绩效目标表",
    "绩效目标（{name}）最终版",
    "{code}_报送",
    "附件2绩效目标表",
    "新建工作表",
)


def _choose(count: int, rng: random.Random, office: bool) -> list[Story]:
    """Return so many stories: each once where they are enough, the commonest often."""
    rare = [story for story in RARE if office or story is not old_format]
    chosen: list[Story] = [*COMMON, *rare]
    if count < len(chosen):
        chosen = chosen[:count]
    chosen += rng.choices([*COMMON, *rare], [12] * len(COMMON) + [2] * len(rare), k=count - len(chosen))
    first, *others = chosen
    rng.shuffle(others)
    return [first, *others]  # the largest unit does what most do


def _with_secret(unit: Unit) -> Unit:
    first, *others = unit.projects
    return replace(unit, projects=(replace(first, secret=True), *others))


def punctual(post: Post) -> Iterator[None]:
    """All comes in time and is right; some projects are passed at once, some a week later."""
    post.send(post.sheets())
    yield
    for project in post.projects[:2]:
        post.decide(project.number, "approve")
    yield
    yield
    post.decide(post.projects[2].number, "approve")


def corrected(post: Post) -> Iterator[None]:
    """Some projects have mistakes, and come back put right, in a workbook with all the others."""
    mistakes = post.mistakes()
    post.send(post.sheets(mistakes))
    yield
    yield
    post.send(post.sheets(), "same", dict.fromkeys(mistakes, "taken"))


def late(post: Post) -> Iterator[None]:
    """All comes after the deadline, with mistakes that are put right in the third wave, those projects alone."""
    yield
    yield
    mistakes = post.mistakes()
    post.send(post.sheets(mistakes))
    yield
    yield
    post.send(post.sheets(only=[*mistakes]))


def half_corrected(post: Post) -> Iterator[None]:
    """Of two mistakes one is put right, in the place of the other stands another."""
    first, second = (project.number for project in post.projects[:2])
    post.send(post.sheets({first: "sum", second: "unfinished"}))
    yield
    yield
    post.send(post.sheets({second: "forgotten"}), "same", {first: "taken", second: "taken"})
    yield
    yield
    post.send(post.sheets(), "same", {second: "taken"})


def silent(post: Post) -> Iterator[None]:
    """Nothing comes."""
    yield from ()


def uncorrected(post: Post) -> Iterator[None]:
    """What was returned comes again as it was, in other bytes (没有改); then it is put right."""
    mistakes = post.mistakes()
    post.send(post.sheets(mistakes))
    yield
    yield
    post.send(post.sheets(mistakes), "same", treatment="packed")
    yield
    yield
    post.send(post.sheets(), "same", dict.fromkeys(mistakes, "taken"))


def explained(post: Post, number: int = 0) -> Iterator[None]:
    """A warning is explained in the flagged copy that was returned."""
    number = number or post.projects[-1].number
    sheets = post.sheets({number: "unpaired"})
    post.send(sheets)
    yield
    yield
    text = WORDS["mistakes"]["unpaired"]["explained"]
    right = [replace(sheet, wrong=False) for sheet in sheets]
    post.send(right, "same", {number: "taken"}, explained=text)
    yield


def doubled(post: Post) -> Iterator[None]:
    """The same file comes twice, under two names."""
    name = f"{post.unit.code}{post.unit.name}报送稿"
    post.send(post.sheets(), name=f"{name}.xlsx")
    sent = post.narrator.wave.sent[-1]
    copied = replace(sent, name=f"{name} - 副本.xlsx", arrived=f"{WAVES[0]}T15:00:00")
    post.narrator.send(copied, ExpectedFile("known"))
    yield


def resaved(post: Post) -> Iterator[None]:
    """The same answers come in the same wave in other bytes; once more in the next one, with their rows moved."""
    post.send(post.sheets())
    post.send(post.sheets(), "same", treatment="packed", came=3)
    yield
    yield
    moved = [replace(sheet, answers=_with_rows_moved(sheet.answers or {})) for sheet in post.sheets()]
    post.send(moved, "same")


def _with_rows_moved(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with the rows of each first level in the opposite order."""
    rows = record["indicators"]
    levels = dict.fromkeys(row["level1"] for row in rows)
    return {**record, "indicators": [row for level in levels for row in reversed(rows) if row["level1"] == level]}


def in_halves(post: Post) -> Iterator[None]:
    """Half of the projects come in one file, the rest in another."""
    sheets, half = post.sheets(), len(post.projects) // 2
    post.send(sheets[:half])
    post.send(sheets[half:], hours=1)
    yield


def one_by_one(post: Post) -> Iterator[None]:
    """Every project comes in a file of its own; the last one after the deadline."""
    *sheets, last = post.sheets()
    for sheet in sheets:
        post.send([sheet])
    yield
    yield
    post.send([last])


def sheets_deleted(post: Post) -> Iterator[None]:
    """In the unit's workbook all sheets but the first are deleted; the next time the first one is."""
    first, *others = post.sheets()
    post.send([first], deleted=tuple(others))
    yield
    yield
    post.send(others, deleted=(first,))


def half_filled(post: Post) -> Iterator[None]:
    """Half of the sheets come as they were issued; then all are filled in."""
    half = len(post.projects) // 2
    blank = [replace(sheet, answers=None) for sheet in post.sheets()[half:]]
    numbers = [sheet.project.number for sheet in blank]
    post.send([*post.sheets()[:half], *blank], "taken", dict.fromkeys(numbers, "blank"))
    yield
    yield
    post.send(post.sheets(), "same", dict.fromkeys(numbers, "taken"))


def last_years(post: Post) -> Iterator[None]:
    """The table of the year before is sent, then the right one."""
    post.send(post.sheets(), refused="not_this", year=YEAR - 1)
    yield
    yield
    post.send(post.sheets())


def other_phase(post: Post) -> Iterator[None]:
    """The table of another phase is sent, then the right one."""
    post.send(post.sheets(), refused="not_this", phase="二上")
    yield
    yield
    post.send(post.sheets())


def as_issued(post: Post) -> Iterator[None]:
    """The workbook comes back as it was issued, then filled in."""
    post.send([replace(sheet, answers=None) for sheet in post.sheets()], "blank")
    yield
    yield
    post.send(post.sheets())


def old_format(post: Post) -> Iterator[None]:
    """The workbook is saved in Excel's old format."""
    post.send(post.sheets(), treatment="xls")
    yield


def unopened(post: Post) -> Iterator[None]:
    """A file that was cut off, one with a password and a scan come before the right one."""
    post.send(post.sheets(), refused="unreadable", treatment="cut")
    post.send(post.sheets(), refused="unreadable", treatment="encrypted")
    scan = SentFile(f"{post.unit.name}扫描件.pdf", f"{WAVES[0]}T11:00:00", SCAN + post.unit.code.encode())
    post.narrator.send(scan, ExpectedFile("unreadable"))
    yield
    yield
    post.send(post.sheets())


def after_approval(post: Post) -> Iterator[None]:
    """Two projects come again after they were passed: one new sheet is let count, the other not."""
    first, second = (project.number for project in post.projects[:2])
    post.send(post.sheets())
    yield
    post.decide(first, "approve")
    post.decide(second, "approve")
    yield
    changed = [_with_purpose(sheet, first, second) for sheet in post.sheets()]
    post.send(changed, "same", dict.fromkeys((first, second), "question:after_approval"))
    yield
    post.decide(first, "new", "--why", "单位说明了改动")
    post.decide(second, "old")
    yield


def _with_purpose(sheet: Sheet, *numbers: int) -> Sheet:
    """Return a sheet with a longer purpose, if it is of one of these projects."""
    if sheet.project.number not in numbers:
        return sheet
    text = f"{sheet.project.record['purpose'].rstrip('。')}，并留存影像资料备查。"
    return replace(sheet, typed={**sheet.typed, "purpose": text})


def in_review(post: Post) -> Iterator[None]:
    """A new sheet comes while the officer, who withdrew a finding, reviews the one that counts."""
    number = post.projects[0].number
    mistaken = post.sheets({number: "unpaired"})
    post.send(mistaken)
    yield
    post.decide(number, "withdraw", "--finding", "1", "--why", "原件如此", wrong=False)
    yield
    right = [_with_purpose(replace(sheet, wrong=False), number) for sheet in mistaken]
    post.send(right, "same", {number: "question:in_review"})
    yield
    post.decide(number, "new")
    yield


def remarked(post: Post) -> Iterator[None]:
    """The officer remarks on a project that is right; it is changed, and she says that the remark is done."""
    number = post.projects[0].number
    post.send(post.sheets())
    yield
    post.decide(
        number, "remark", "--what", "用途太笼统", "--todo", "请写明留存什么资料", "--field", "purpose", wrong=True
    )
    yield
    changed = [replace(_with_purpose(sheet, number), wrong=sheet.project.number == number) for sheet in post.sheets()]
    post.send(changed, "same", {number: "taken"})
    yield
    post.decide(number, "done", "--remark", "1", wrong=False)
    yield


def upheld(post: Post) -> Iterator[None]:
    """An explanation is not accepted; then the mistake is put right."""
    number = post.projects[0].number
    yield from explained(post, number)
    post.decide(number, "uphold", "--finding", "1", wrong=True)
    yield
    post.send(post.sheets(), "same", {number: "taken"})


def extended(post: Post) -> Iterator[None]:
    """A unit is given more time, and keeps to it."""
    yield
    post.extend("2024-03-22")
    yield
    post.send(post.sheets())


def copied(post: Post) -> Iterator[None]:
    """A project's sheet holds the answers of another unit's; while that is asked the right one comes."""
    number = _send_copied(post, post.rng.random() < 0.5)
    yield
    yield
    post.send(post.sheets(only=[number]), "question")
    yield
    post.decide(number, "new")
    yield


def put_aside(post: Post) -> Iterator[None]:
    """A project's sheet holds the answers of another unit's: it is put aside, and the right one is asked for."""
    number = _send_copied(post, before=False)
    yield
    post.decide(number, "aside", "--why", "请单位重报")
    yield
    post.send(post.sheets(only=[number]))


def _send_copied(post: Post, before: bool) -> int:
    """Send all projects, in the first of them the answers of another unit's; return its number.

    ``before``: it was saved before the owner's.
    """
    first, *others = post.sheets()
    other = post.narrator.copied.pop()  # another one each time: of two copies the first would look like the original
    sheet = replace(first, answers=other.record, wrong=True)
    number = first.project.number
    if before:  # it is taken, and asked about as soon as the owner's comes
        post.send([sheet, *others], hours=-2)
        post.standings[number].asked.append((post.standings[number].file, True))
    else:
        post.send([sheet, *others], "taken", {number: "question:copied"}, hours=2)
    return number


def much_changed(post: Post) -> Iterator[None]:
    """A project's sheet comes again with the answers of another project of the unit: the first one goes on counting."""
    first, *others = post.projects
    post.send(post.sheets())
    yield
    yield
    kinds = {project.record["purpose"][-8:] for project in (first,)}
    other = next((project for project in others if project.record["purpose"][-8:] not in kinds), None)
    if other:
        sheet = replace(post.sheets()[0], answers=other.record, wrong=True)
        post.send([sheet], "question:much_changed")
        yield
        post.decide(first.number, "old", "--why", "张冠李戴")


def old_draft(post: Post) -> Iterator[None]:
    """After a correction the first draft comes again, in other bytes."""
    number = post.projects[0].number
    post.send(post.sheets({number: "sum"}))
    yield
    yield
    post.send(post.sheets(), "same", {number: "taken"})
    yield
    yield
    post.send(post.sheets({number: "sum"}), "same", {number: "question:old_draft"}, treatment="packed")
    yield
    post.decide(number, "old", "--why", "单位说发错了")


def two_sheets(post: Post) -> Iterator[None]:
    """A workbook holds two differing sheets of one project."""
    first = post.sheets()[0]
    number = first.project.number
    beside = _with_purpose(first, number)
    post.send(post.sheets(), "taken", {number: "question:two_sheets"}, beside=beside)
    yield


def unordered(post: Post) -> Iterator[None]:
    """Two differing files of a project, saved and sent at the same time; a third while the question is open."""
    first, *others = post.sheets()
    number = first.project.number
    post.send(others)
    post.send([first], "question:order")
    post.send([_with_purpose(first, number)], "question:order")
    yield
    yield
    longer = replace(first, typed={"purpose": "支付本项目全部支出。"})
    post.send([longer], "question")
    yield
    post.decide(number, "new")
    yield


def contradicting(post: Post) -> Iterator[None]:
    """Of two differing files the one that was saved later came earlier."""
    first, *others = post.sheets()
    number = first.project.number
    post.send(others)
    post.send([first], "question:order", hours=-3, came=5)
    post.send([_with_purpose(first, number)], "question:order", hours=-1, came=2)
    yield


def two_drafts(post: Post) -> Iterator[None]:
    """Two drafts come in one wave; the one that was saved later counts, whatever the names say."""
    sheets, number = post.sheets(), post.projects[0].number
    stem = f"{post.unit.code}{post.unit.name}"
    post.send(sheets, name=f"{stem}最终版.xlsx")
    later = [_with_purpose(sheet, number) for sheet in sheets]
    post.send(later, "same", {number: "taken"}, hours=2, name=f"{stem}初稿.xlsx")
    yield


def unknown_project(post: Post) -> Iterator[None]:
    """A sheet of a project that the registry does not know lies among the others."""
    first = post.projects[0]
    made = Project(93, first.code[:9] + "99999999999" + first.code[-1], "新增应急抢修", first.record)
    post.send([*post.sheets(), Sheet(made, made.record)], "taken", {93: "question:unknown_project"})
    yield


def secret(post: Post) -> Iterator[None]:
    """A sheet of a secret project lies among the others: nothing of the delivery is kept; then it comes without."""
    first = post.unit.projects[0]
    post.send([Sheet(first, first.record), *post.sheets()], refused="secret")
    yield
    yield
    post.send(post.sheets())


def added_to(post: Post) -> Iterator[None]:
    """A sheet comes again with more in it, which nobody asks about."""
    first, *others = post.sheets()
    record = first.project.record
    row = record["indicators"][0] | {
        "level3": "现场检查次数", "description": "到现场检查进展的次数", "target": "12次", "basis": "现场检查记录表",
    }  # fmt: skip
    post.send([first, *others])
    yield
    yield
    post.send([replace(first, answers={**record, "indicators": [row, *record["indicators"]]})])


COMMON: tuple[Story, ...] = (punctual, corrected, late, half_corrected, silent)
RARE: tuple[Story, ...] = (
    uncorrected, explained, doubled, resaved, in_halves, one_by_one, sheets_deleted, half_filled, last_years,
    other_phase, as_issued, unopened, after_approval, in_review, remarked, upheld, extended, copied, put_aside,
    much_changed, old_draft, two_sheets, unordered, contradicting, two_drafts, unknown_project, secret, added_to,
    old_format,
)  # fmt: skip
