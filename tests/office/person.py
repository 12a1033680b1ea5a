"""A person at LibreOffice: every change that people make to a form before it comes back, done in the open document.

Each can be done after any other; what cannot be done any more (a row to be deleted is gone already) is CannotBeDone.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from office.desk import CannotBeDone, Desk, Place, bounds, cell, same, span
from office.libreoffice import CSV, OfficeError


@dataclass(frozen=True)
class Change:
    """Something a person does. ``chinese`` and ``english``: as people say it; ``pairs``: whether it is also done
    before and after every other change; ``forms``: the forms it makes sense on."""

    id: str
    chinese: str
    english: str
    do: Callable[[Desk], None]
    group: str
    pairs: bool
    forms: tuple[str, ...]


CHANGES: dict[str, Change] = {}
ALL = ("project-target", "department-goals", "central-target")
HEAD = ("project-target", "central-target")
TARGET = ("project-target",)
_group = ""


def change(
    chinese: str, english: str, forms: tuple[str, ...] = ALL, pairs: bool = True
) -> Callable[[Callable[[Desk], None]], Callable[[Desk], None]]:
    def put(do: Callable[[Desk], None]) -> Callable[[Desk], None]:
        id = do.__name__
        CHANGES[id] = Change(id, chinese, english, do, _group, pairs, forms)
        return do

    return put


# --- rows -----------------------------------------------------------------------------------------------------------

_group = "行"


@change("指标表中间插入一空行", "a blank row inserted inside the table")
def row_in_table(desk: Desk) -> None:
    desk.insert_rows(desk.row(1))


@change("指标表中间插入一行并填写", "a row inserted inside the table and filled in")
def row_in_table_typed(desk: Desk) -> None:
    row = desk.row(1)
    desk.insert_rows(row)
    desk.type_row(row, desk.sketch.typed[0])


@change("表头与第一行之间插入一行并填写", "a row inserted right below the table's header and filled in", pairs=False)
def row_below_header_typed(desk: Desk) -> None:
    row = desk.row(0)
    desk.insert_rows(row)
    desk.type_row(row, desk.sketch.typed[0])


@change("指标表中间插入三行，填第二行", "three rows inserted inside the table, the second filled in", pairs=False)
def rows_in_table(desk: Desk) -> None:
    row = desk.row(2)
    desk.insert_rows(row, 3)
    desk.type_row(row + 1, desk.sketch.typed[0])


@change("表尾下面加一行并填写", "a row typed below the last row of the table")
def row_below_table(desk: Desk) -> None:
    row = _last_row(desk) + 1
    desk.insert_rows(row)
    desk.type_row(row, desk.sketch.typed[0])


@change("表上方插入一行", "a row inserted above everything")
def row_above(desk: Desk) -> None:
    desk.insert_rows(0)


@change("标题上方插入两行，写“附件3”", "two rows inserted above the title, with a word typed")
def rows_above_title(desk: Desk) -> None:
    top, left, _, _ = desk.edges()
    desk.insert_rows(top, 2)
    desk.stray((top, left), "附件3")


@change("表头各栏之间插入一行", "a row inserted between two sections of the head", HEAD)
def row_in_head(desk: Desk) -> None:
    desk.insert_rows(desk.label(_sections(desk)[1])[0])


@change("合并的标签中间插入一行", "a row inserted inside a merged label of the head", HEAD, pairs=False)
def row_in_merged_label(desk: Desk) -> None:
    area = f"A1:XFD{desk.row(0)}"
    found = [each for each in desk.document.merges(desk.sheet, area) if bounds(each)[0] < bounds(each)[2]]
    top, _, bottom, _ = bounds(min(found, key=lambda each: bounds(each)[0])) if found else (0, 0, 0, 0)
    if top == bottom or top >= desk.row(0):
        raise CannotBeDone("no label is merged downward")
    desk.insert_rows(top + 1)


@change("指标表的表头上面插入一行", "a row inserted above the table's header", pairs=False)
def row_above_header(desk: Desk) -> None:
    desk.insert_rows(_header(desk))


@change("删除指标表中间一行", "a row inside the table deleted")
def delete_row(desk: Desk) -> None:
    desk.delete_rows(desk.row(1))


@change("删除一组的第一行", "the first row of a group deleted", pairs=False)
def delete_first_row(desk: Desk) -> None:
    desk.delete_rows(desk.row(0))


@change("删除最后一行", "the last row of the table deleted")
def delete_last_row(desk: Desk) -> None:
    desk.delete_rows(desk.row(desk.indexes()[-1]))


@change("删除表尾全部备用行", "all spare rows at the table's end deleted", pairs=False)
def delete_spare_rows(desk: Desk) -> None:
    first, last = desk.row(desk.indexes()[-1]) + 1, _last_row(desk)
    if last < first:
        raise CannotBeDone("there are no spare rows")
    desk.delete_rows(first, last - first + 1)


@change("删除支出计划的数值行", "the row of the plan's values deleted", TARGET)
def delete_plan_row(desk: Desk) -> None:
    desk.delete_rows(desk.answer("plan.june")[0])


@change("删除资金用途行", "the row of the purpose deleted", TARGET)
def delete_purpose_row(desk: Desk) -> None:
    desk.delete_rows(desk.answer("purpose")[0])


@change("删除隐藏的标记行", "the hidden mark row deleted")
def delete_mark_row(desk: Desk) -> None:
    desk.delete_rows(_mark_row(desk))


@change("删除标题行", "the title row deleted")
def delete_title(desk: Desk) -> None:
    desk.delete_rows(desk.place(desk.sketch.labels["title"])[0])


@change("删除标题以上各行", "all rows down to the title deleted", pairs=False)
def delete_rows_above(desk: Desk) -> None:
    desk.delete_rows(0, desk.place(desk.sketch.labels["title"])[0] + 1)


@change("删除指标表的表头行", "the table's header row deleted")
def delete_header(desk: Desk) -> None:
    desk.delete_rows(_header(desk))


# --- columns --------------------------------------------------------------------------------------------------------

_group = "列"


@change("表前面插入一列", "a column inserted before the sheet's first")
def column_before(desk: Desk) -> None:
    desk.insert_columns(0)


@change("行码与表之间插入一列", "a column inserted between the row keys and the form", HEAD, pairs=False)
def column_before_form(desk: Desk) -> None:
    desk.insert_columns(desk.edges()[1])


@change("表中间插入一列", "a column inserted inside the table")
def column_inside(desk: Desk) -> None:
    desk.insert_columns(desk.column(desk.own[-1]))


@change("表中间插入一列并写“备注”", "a column inserted inside the table, with a heading and a word typed")
def column_inside_typed(desk: Desk) -> None:
    column, header, row = desk.column(desk.own[-1]), _header(desk), desk.row(0)
    desk.insert_columns(column)
    desk.stray((header, column), "备注")
    desk.stray((row, column), "已经核对过")


@change("合并单元格中间插入一列", "a column inserted inside merged cells", HEAD, pairs=False)
def column_in_merge(desk: Desk) -> None:
    area = span(desk.row(0), 0, desk.row(0), 16383)
    found = [each for each in desk.document.merges(desk.sheet, area) if bounds(each)[1] < bounds(each)[3]]
    inner = [bounds(each)[1] + 1 for each in found]
    if not inner:
        raise CannotBeDone("no answer is merged")
    desk.insert_columns(max(inner))


@change("表右边插入一列", "a column inserted right of the form", pairs=False)
def column_after(desk: Desk) -> None:
    desk.insert_columns(desk.edges()[3] + 1)


@change("删除表右边的空列", "the gap right of the form deleted")
def delete_gap(desk: Desk) -> None:
    desk.delete_columns(desk.edges()[3] + 1)


@change("删除行码列", "the column of the row keys deleted")
def delete_key_column(desk: Desk) -> None:
    desk.delete_columns(_key_column(desk))


@change("删除最后一列（如依据）", "the last column of the table deleted")
def delete_last_column(desk: Desk) -> None:
    desk.delete_columns(desk.column(desk.columns[-1]))


@change("删除表外的填写说明栏", "the panel beside the form deleted", TARGET, pairs=False)
def delete_panel(desk: Desk) -> None:
    right = desk.used()[3]
    first = desk.edges()[3] + 1
    if right < first:
        raise CannotBeDone("there is nothing beside the form")
    desk.delete_columns(first, right - first + 1)


@change("整列剪切，两列对调", "two whole columns changed places", pairs=False)
def swap_whole_columns(desk: Desk) -> None:
    first, second = _two_columns(desk)
    desk.unlock()
    _, _, bottom, right = desk.used()
    for column in (first, second):
        desk.split_in(span(0, column, bottom, column))
    for source, target in ((first, right + 2), (second, first), (right + 2, second)):
        _moved(desk, span(0, source, bottom, source), (0, target))


@change("表内两列连同列标题对调", "two columns of the table changed places, with their headings")
def swap_columns(desk: Desk) -> None:
    first, second = _two_columns(desk)
    top, bottom = _header(desk), _last_row(desk)
    desk.unlock()
    away = desk.used()[3] + 2
    for source, target in ((first, away), (second, first), (away, second)):
        _moved(desk, span(top, source, bottom, source), (top, target))


@change("一列剪切后贴在另一列上", "a column of the table moved onto another, with its heading", pairs=False)
def column_onto_column(desk: Desk) -> None:
    first, second = _two_columns(desk)
    top, bottom = _header(desk), _last_row(desk)
    desk.unlock()
    _moved(desk, span(top, second, bottom, second), (top, first))


# --- sheets ---------------------------------------------------------------------------------------------------------

_group = "工作表"


@change("改工作表名", "the sheet renamed")
def rename_sheet(desk: Desk) -> None:
    desk.document.rename(desk.sheet, "Sheet1改")
    desk.sheet = "Sheet1改"
    desk.done()


@change("工作表移到最前", "the sheet moved to the front", pairs=False)
def move_first(desk: Desk) -> None:
    desk.document.move_sheet(desk.sheet, 0)


@change("工作表移到最后", "the sheet moved to the end", pairs=False)
def move_last(desk: Desk) -> None:
    desk.document.move_sheet(desk.sheet, len(desk.document.sheets()))


@change("工作表在本簿内复制一份", "the sheet copied within the workbook", pairs=False)
def copy_sheet(desk: Desk) -> None:
    desk.document.copy_sheet(desk.sheet, f"{desk.sheet} (2)")


@change("复制一份工作表，在副本上改", "the sheet copied within the workbook, and the copy edited")
def copy_sheet_edited(desk: Desk) -> None:
    name, id = f"{desk.sheet} (3)", _free_text(desk)
    at = desk.answer(id)
    desk.document.copy_sheet(desk.sheet, name)
    if desk.document.protected(name):
        desk.document.unprotect(name)
    desk.document.write(name, cell(*at), [["副本上改写的话"]])
    desk.put.append((id, "副本上改写的话"))


@change("隐藏工作表", "the sheet hidden")
def hide_sheet(desk: Desk) -> None:
    if len([name for name in desk.document.sheets() if desk.document.visible(name)]) < 2:
        raise CannotBeDone("the only visible sheet cannot be hidden")
    desk.document.show_sheet(desk.sheet, visible=False)


@change("工作表单独移到新工作簿", "the sheet alone moved into a new workbook")
def alone_in_new_book(desk: Desk) -> None:
    book = desk.office.new()
    (empty,) = book.sheets()
    desk.document.copy_sheet(desk.sheet, desk.sheet, to=book)
    book.remove_sheet(empty)
    desk.turn_to(book, desk.sheet)


@change("工作表复制到已有内容的工作簿", "the sheet copied into a workbook that holds something else", pairs=False)
def into_other_book(desk: Desk) -> None:
    book = desk.office.new()
    book.write(book.sheets()[0], "A1", [["会议通知"], ["请各村于周五前报送"]])
    desk.document.copy_sheet(desk.sheet, desk.sheet, to=book)
    desk.turn_to(book, desk.sheet)


@change("删除隐藏工作表", "the hidden sheets deleted")
def delete_hidden_sheets(desk: Desk) -> None:
    found = [name for name in desk.document.sheets() if not desk.document.visible(name) and name != desk.sheet]
    if not found:
        raise CannotBeDone("no sheet is hidden")
    for name in found:
        desk.document.remove_sheet(name)


@change("删除项目清单、填表说明、报前自查", "the lists and manuals deleted", pairs=False)
def delete_aids(desk: Desk) -> None:
    found = [name for name in ("项目清单", "填表说明", "报前自查") if name in desk.document.sheets()]
    if not found:
        raise CannotBeDone("they are not there")
    for name in found:
        desk.document.remove_sheet(name)


@change("加一张别的工作表和草稿", "an extra sheet with notes added", pairs=False)
def extra_sheet(desk: Desk) -> None:
    desk.document.add_sheet("草稿", 0)
    desk.document.write("草稿", "B2", [["待办"], ["问一下财政局预算数"]])


@change("加批注", "notes added to cells", pairs=False)
def annotations(desk: Desk) -> None:
    desk.document.annotate(desk.sheet, cell(*desk.answer(_free_text(desk))), "这里和领导商量过")
    desk.document.annotate(desk.sheet, cell(desk.row(0), desk.column(desk.own[0])), "待核实")


@change("撤销保护", "the protection removed", pairs=False)
def unprotected(desk: Desk) -> None:
    if not desk.document.protected(desk.sheet):
        raise CannotBeDone("the sheet is not protected")
    desk.document.unprotect(desk.sheet)


# --- names ----------------------------------------------------------------------------------------------------------

_group = "名称"


@change("删除全部定义名称", "all defined names deleted")
def drop_names(desk: Desk) -> None:
    found = [each for each in desk.document.names() if each[0].startswith("px.")]
    if not found:
        raise CannotBeDone("there are no names")
    for name, sheet, _ in found:
        desk.document.drop_name(sheet, name)


@change("删除一个定义名称", "one defined name deleted", pairs=False)
def drop_name(desk: Desk) -> None:
    desk.document.drop_name(desk.sheet, _name(desk, _free_text(desk)))


@change("一个定义名称变成#REF!", "one defined name broken to #REF!")
def break_name(desk: Desk) -> None:
    desk.document.point_name(desk.sheet, _name(desk, _free_text(desk)), "#REF!")


@change("全部定义名称变成#REF!", "all defined names broken to #REF!", pairs=False)
def break_names(desk: Desk) -> None:
    found = [name for name, sheet, _ in desk.document.names() if sheet == desk.sheet and name.startswith("px.")]
    if not found:
        raise CannotBeDone("there are no names")
    for name in found:
        desk.document.point_name(desk.sheet, name, "#REF!")


@change("两个定义名称互换", "two defined names changed places", HEAD)
def swap_names(desk: Desk) -> None:
    _swap(desk, *(_name(desk, id) for id in _neighbours(desk)))


@change("两列的定义名称互换", "the names of two columns changed places", pairs=False)
def swap_column_names(desk: Desk) -> None:
    last = desk.own[-2:]
    if len(last) < 2:
        raise CannotBeDone("the table has one column")
    _swap(desk, *(_name(desk, f"indicators.{id}", id) for id in last))


# --- merges ---------------------------------------------------------------------------------------------------------

_group = "合并"


@change("拆分表头的合并单元格", "the merged cells of the head split")
def split_head(desk: Desk) -> None:
    below = desk.row(0)
    desk.split(lambda each: bounds(each)[2] < below, f"A1:XFD{below}")


@change("拆分一级指标的合并单元格", "the merged cells of the first level split", TARGET, pairs=False)
def split_level1(desk: Desk) -> None:
    first, column = desk.row(0), desk.column("level1")
    desk.split(lambda each: bounds(each)[0] >= first and bounds(each)[1] == column, span(first, column, 999, column))


@change("拆分一级指标并逐行填上", "the first level split, its word filled into every row", TARGET)
def split_level1_filled(desk: Desk) -> None:
    column = desk.column("level1")
    rows = {desk.row(index): desk.sketch.rows[index]["level1"] for index in desk.indexes()}
    split_level1(desk)
    for row, word in rows.items():
        desk.write((row, column), word)


@change("拆分二级指标的合并单元格", "the merged cells of the second level split", HEAD)
def split_level2(desk: Desk) -> None:
    first = desk.row(0)
    desk.split(lambda each: bounds(each)[0] >= first and bounds(each)[1] < bounds(each)[3])


@change("拆分全部合并单元格", "all merged cells split", pairs=False)
def split_all(desk: Desk) -> None:
    desk.split(lambda each: True)


@change("两个答案合并成一格", "two answers merged into one cell", HEAD)
def merge_answers(desk: Desk) -> None:
    first, second = _neighbours(desk)
    desk.merge(desk.answer(first), desk.answer(second))


@change("一列的上下两行合并", "two rows of a column merged")
def merge_rows(desk: Desk) -> None:
    column = desk.column(desk.own[-1])
    desk.merge((desk.row(0), column), (desk.row(1), column))
    desk.put.append((f"[1].{desk.own[-1]}", desk.sketch.rows[0][desk.own[-1]]))  # a merge of texts says both rows' text


@change("标签与答案合并", "a label merged with its answer", HEAD)
def merge_label(desk: Desk) -> None:
    id = _neighbours(desk)[0]
    at = desk.answer(id)
    if at[1] == 0:
        raise CannotBeDone("nothing stands before the answer")
    desk.merge((at[0], at[1] - 1), at)


@change("合并区域互相重叠", "merged ranges that overlap (no program makes them; the file is edited)")
def overlapping_merges(desk: Desk) -> None:
    row, column = desk.row(0), desk.column(desk.own[-1])
    desk.row(1)
    sheet = desk.document.sheets().index(desk.sheet)
    extra = [span(row, column - 1, row + 1, column), span(row + 1, column - 1, row + 1, column)]
    desk.steps.append(lambda data: _merged(data, sheet, extra))


@change("拆分后答案写在旁边一格", "after a split the answer stands beside the first cell")
def beside_anchor(desk: Desk) -> None:
    at = desk.answer(_free_text(desk))
    area = desk.merge_at(at)
    if area is None or bounds(area)[1] == bounds(area)[3]:
        raise CannotBeDone("the answer is not merged")
    value = desk.seen()[at]
    desk.unlock()
    desk.document.merge(desk.sheet, area, on=False)
    desk.write(at, "", value)


# --- copied into a new workbook --------------------------------------------------------------------------------------

_group = "粘贴"


@change("全选，值和格式粘贴到新工作簿", "all cells pasted into a new workbook, values and formats", pairs=False)
def paste_values_formats(desk: Desk) -> None:
    _pasted(desk, [span(0, 0, *desk.used()[2:])], "SVDT")


@change("全选，只粘贴值到新工作簿", "all cells pasted into a new workbook, values only")
def paste_values(desk: Desk) -> None:
    _pasted(desk, [span(0, 0, *desk.used()[2:])], "SVD")


@change("全选，只粘贴文字到新工作簿", "all cells pasted into a new workbook as the text shown", pairs=False)
def paste_text(desk: Desk) -> None:
    shown = desk.document.cells(desk.sheet)
    book = desk.office.new()
    (sheet,) = book.sheets()
    for address, each in shown.items():
        if each.text:
            book.write(sheet, address, [[each.text]])
    desk.turn_to(book, sheet)


@change("只把看得见的单元格粘贴到新工作簿", "visible cells alone pasted into a new workbook")
def paste_visible(desk: Desk) -> None:
    hidden = {row - 1 for row in desk.document.hidden_rows(desk.sheet)}
    _, _, bottom, right = desk.used()
    _pasted(desk, [span(top, 0, last, right) for top, last in _runs(set(range(bottom + 1)) - hidden)], None)


@change("只把打印区域的值粘贴到新工作簿", "the printed area alone pasted into a new workbook, values only")
def paste_printed(desk: Desk) -> None:
    top, left, _, right = desk.edges()
    _pasted(desk, [span(top, left, _last_row(desk), right)], "SVD")


@change("另存为CSV", "saved as CSV", pairs=False)
def csv(desk: Desk) -> None:
    alone_in_new_book(desk)
    desk.file, desk.filter = "报回.csv", CSV


@change("另一个项目的整张表贴在下面（带隐藏标记）", "another project's whole sheet pasted below, marks and all")
def stack_whole(desk: Desk) -> None:
    _stacked(desk, 1, marks=True)


@change("另一个项目的表贴在下面（只有看得见的部分）", "another project's sheet pasted below, its visible part alone")
def stack_visible(desk: Desk) -> None:
    _stacked(desk, 1, marks=False)


@change("三个项目叠在一张表上", "three projects on one sheet", pairs=False)
def stack_three(desk: Desk) -> None:
    _stacked(desk, 2, marks=True)


@change("把外单位的答案贴进本表", "another unit's answers pasted into this form's cells", TARGET, pairs=False)
def foreign_answers(desk: Desk) -> None:
    ids = [id for id in desk.columns if id not in desk.choices()]
    row, left, right = desk.row(0), desk.column(ids[0]), desk.column(ids[-1])
    last = desk.row(desk.indexes()[-1])
    if right - left != len(ids) - 1 or [desk.column(id) for id in ids] != sorted(desk.column(id) for id in ids):
        raise CannotBeDone("the columns do not stand side by side")
    source = _open_other(desk)
    seen = source.document.look_over(source.sheet)
    first, column = source.row(0), source.column(ids[0])
    desk.unlock()
    for down in range(last - row + 1):
        values = [seen.get((first + down, column + at), "") for at in range(len(ids))]
        desk.document.write(desk.sheet, cell(row + down, left), [values])
        kept = {id: desk.seen().get((row + down, desk.column(id))) for id in desk.choices() if id != desk.sketch.group}
        desk.added.append({**dict(zip(ids, values, strict=True)), **kept, **desk.group_at(row + down)})
    desk.done()


@change("外单位的整张表贴在本表上", "another unit's whole sheet pasted over this one", TARGET)
def foreign_sheet(desk: Desk) -> None:
    source = _open_other(desk)
    desk.unlock()
    for each in desk.document.merges(desk.sheet):
        desk.document.merge(desk.sheet, each, on=False)
    source.document.paste(source.sheet, span(0, 0, *source.used()[2:]), desk.document, desk.sheet, "A1")
    desk.foreign = True
    desk.done()


# --- rows in another order, spare rows ---------------------------------------------------------------------------------

_group = "排序与备用行"


@change("整行排序（连同行码）", "whole rows sorted, with their keys", TARGET)
def sort_with_key(desk: Desk) -> None:
    _sorted(desk, keys=True)


@change("整行排序（不带行码）", "whole rows sorted, without their keys", TARGET)
def sort_without_key(desk: Desk) -> None:
    _sorted(desk, keys=False)


@change("一组之内排序（不带行码）", "the rows of one group sorted, without their keys", TARGET, pairs=False)
def sort_in_group(desk: Desk) -> None:
    rows = [index for index in desk.indexes() if desk.sketch.rows[index]["level1"] == desk.sketch.rows[0]["level1"]]
    first, last = desk.row(rows[0]), desk.row(rows[-1])
    left, right = desk.column("level2"), desk.column(desk.own[-1])
    if last <= first or right <= left:
        raise CannotBeDone("there is nothing to sort")
    desk.unlock()
    area = span(first, left, last, right)
    desk.split_in(area)
    desk.document.sort(desk.sheet, area, desk.column("level3") - left, descending=True)
    desk.done()


@change("填了备用行", "a spare row used")
def use_spare(desk: Desk) -> None:
    desk.type_row(_spare(desk, 0), desk.sketch.typed[1])


@change("隔一行填备用行", "a spare row used, the one before it left blank")
def use_second_spare(desk: Desk) -> None:
    desk.type_row(_spare(desk, 1), desk.sketch.typed[1])


@change("备用行只填了一半", "a spare row used in part", pairs=False)
def use_spare_in_part(desk: Desk) -> None:
    kept = {id: value if id in desk.own[:2] else None for id, value in desk.sketch.typed[1].items()}
    kept |= {desk.sketch.group: desk.sketch.typed[1][desk.sketch.group]} if desk.sketch.group else {}
    desk.type_row(_spare(desk, 0), kept)


# --- words typed elsewhere, labels changed ------------------------------------------------------------------------------

_group = "表外文字与标签"


@change("表下写“制表人”", "a footer typed below the form")
def footer(desk: Desk) -> None:
    desk.stray((_last_row(desk) + 1, desk.edges()[1]), "制表人：林秋")


@change("表下空一行写“审核人”和日期", "a footer typed a line below the form", pairs=False)
def footer_below(desk: Desk) -> None:
    row, left = _last_row(desk) + 2, desk.edges()[1]
    desk.stray((row, left), "审核人：何平")
    desk.stray((row, desk.edges()[3]), "2024年1月15日填")


@change("表下写“合计”行", "a total line typed below the form")
def total_line(desk: Desk) -> None:
    row = _last_row(desk) + 1
    typed = [value for each in desk.sketch.typed for value in each.values()]
    while any(value in typed for at, value in desk.seen().items() if at[0] == row):
        row += 1  # below the rows that the person added
    desk.stray((row, desk.edges()[1]), "合计")
    desk.stray((row, desk.column(desk.own[-1])), "共计若干项")


@change("表右边写字", "words typed right of the form")
def text_right(desk: Desk) -> None:
    desk.stray((desk.row(0), desk.edges()[3] + 1), "此行待定")


@change("标题旁边写字", "words typed beside the title", pairs=False)
def text_beside_title(desk: Desk) -> None:
    desk.stray((desk.place(desk.sketch.labels["title"])[0], desk.edges()[3] + 1), "报财政局绩效股")


@change("清空标记行", "the hidden mark row cleared", pairs=False)
def clear_mark_row(desk: Desk) -> None:
    row = _mark_row(desk)
    _cleared(desk, [at for at in desk.seen() if at[0] == row])


@change("清空行码列", "the column of the row keys cleared")
def clear_key_column(desk: Desk) -> None:
    column = _key_column(desk)
    _cleared(desk, [at for at in desk.seen() if at[1] == column])


@change("清空识别码", "the printed code cleared")
def clear_code(desk: Desk) -> None:
    _cleared(desk, [at for at, value in desk.seen().items() if isinstance(value, str) and "识别码" in value])


@change("标签改了一个字", "a label misspelled", HEAD, pairs=False)
def label_typo(desk: Desk) -> None:
    at = desk.label(_label_fields(desk)[0])
    desk.write(at, f"{str(desk.seen()[at])[:-1]}锘")


@change("标签加空格、冒号、全角括号", "spaces, a colon and full-width brackets put into labels", HEAD)
def labels_respelled(desk: Desk) -> None:
    for id in dict.fromkeys(_label_fields(desk)):
        with suppress(CannotBeDone):
            at = desk.label(id)
            text = str(desk.seen()[at]).replace("(", "（").replace(")", "）").replace("：", ":")
            desk.write(at, f" {text[:1]}　{text[1:]}：")


@change("列标题改了字", "the heading of a column edited", pairs=False)
def header_typo(desk: Desk) -> None:
    at = (_header(desk), desk.column(desk.own[-1]))
    desk.write(at, f"{desk.seen().get(at, '')}（必填）")


@change("两个标签的文字互换", "the words of two labels changed places", TARGET)
def swap_labels(desk: Desk) -> None:
    ids = ("plan.june", "plan.october")
    first, second = (desk.label(id) for id in ids)
    words = desk.seen()[first], desk.seen()[second]
    desk.write(first, words[1])
    desk.write(second, words[0])
    desk.put += [(id, desk.sketch.head[other]) for id, other in zip(ids, reversed(ids), strict=True)]  # so it is shown


# --- cells moved one by one ------------------------------------------------------------------------------------------

_group = "单元格"


@change("把一个答案拖到另一个答案上", "an answer dragged onto another", HEAD)
def drag_answer(desk: Desk) -> None:
    first, second = _neighbours(desk)
    source, target = desk.answer(first), desk.answer(second)
    value = desk.seen()[source]
    desk.document.drag(desk.sheet, cell(*source), cell(*target))
    desk.done()
    if desk.seen().get(target) != value:
        raise CannotBeDone("LibreOffice did not move it")
    desk.put.append((second, desk.sketch.head[first]))


@change("指标表里把一格拖到下一行", "a cell of the table dragged onto the row below", pairs=False)
def drag_in_table(desk: Desk) -> None:
    column = desk.column(desk.own[-1])
    source, target = (desk.row(0), column), (desk.row(1), column)
    value = desk.seen().get(source)
    if value is None or not same(value, desk.sketch.rows[0][desk.own[-1]]):
        raise CannotBeDone("the cell is empty")
    desk.document.drag(desk.sheet, cell(*source), cell(*target))
    desk.done()
    if desk.seen().get(target) != value:
        raise CannotBeDone("LibreOffice did not move it")
    desk.put.append((f"[1].{desk.own[-1]}", value))


@change("复制一个答案盖住另一个", "an answer copied over another", HEAD, pairs=False)
def copy_answer(desk: Desk) -> None:
    first, second = _neighbours(desk)
    source, target = desk.answer(first), desk.answer(second)
    value = desk.seen()[source]
    desk.document.paste(desk.sheet, cell(*source), desk.document, desk.sheet, cell(*target))
    desk.done()
    if desk.seen().get(target) != value:
        raise CannotBeDone("LibreOffice did not paste it")
    desk.put.append((second, desk.sketch.head[first]))


@change("指标行内插入单元格，右移", "cells inserted in part of a table row, pushing right")
def insert_right(desk: Desk) -> None:
    at = (desk.row(1), desk.column(desk.own[0]))
    _part(desk, "insert", span(*at, *at), "RIGHT")


@change("一列中插入单元格，下移", "cells inserted in one column, pushing down")
def insert_down(desk: Desk) -> None:
    at = (desk.row(1), desk.column(desk.own[-1]))
    _part(desk, "insert", span(*at, *at), "DOWN")


@change("指标行内删除单元格，左移", "a cell of a table row deleted, the rest pulled left")
def delete_left(desk: Desk) -> None:
    at = (desk.row(1), desk.column(desk.own[0]))
    _part(desk, "delete", span(*at, *at), "LEFT")


@change("一列中删除单元格，上移", "a cell of one column deleted, the rest pulled up")
def delete_up(desk: Desk) -> None:
    at = (desk.row(1), desk.column(desk.own[-1]))
    _part(desk, "delete", span(*at, *at), "UP")


@change("几列中插入单元格，下移", "cells inserted in several columns, pushing down", pairs=False)
def insert_block_down(desk: Desk) -> None:
    row = desk.row(2)
    columns = [desk.column(id) for id in desk.own]
    _part(desk, "insert", span(row, min(columns), row, max(columns)), "DOWN")


@change("几列中删除单元格，上移", "cells deleted in several columns, the rest pulled up", pairs=False)
def delete_block_up(desk: Desk) -> None:
    row = desk.row(1)
    columns = [desk.column(id) for id in desk.own]
    _part(desk, "delete", span(row, min(columns), row, max(columns)), "UP")


@change("表头一行内插入单元格，右移", "cells inserted in a row of the head, pushing right", HEAD, pairs=False)
def insert_right_in_head(desk: Desk) -> None:
    at = desk.answer(_neighbours(desk)[0])
    _part(desk, "insert", span(*at, *at), "RIGHT")


@change("表头一行内删除单元格，左移", "a cell of a row of the head deleted, the rest pulled left", HEAD)
def delete_left_in_head(desk: Desk) -> None:
    at = desk.answer(_neighbours(desk)[0])
    _part(desk, "delete", span(*at, *at), "LEFT")


@change("贴入Word表格，一格两段占了两行（插入的行）", "a row pasted from Word, its cell of two paragraphs in two rows")
def word_paragraphs(desk: Desk) -> None:
    id = desk.own[min(1, len(desk.own) - 1)]
    row, column = desk.row(1), desk.column(id)
    if not desk.places(desk.sketch.rows[1][id]):
        raise CannotBeDone("the cell is empty")
    desk.insert_rows(row + 1)
    desk.write((row, column), "第一段按月巡查")
    desk.write((row + 1, column), "第二段按季汇总")
    desk.put += [(f"[1].{id}", "第一段按月巡查"), (f"[1].{id}", "第一段按月巡查\n第二段按季汇总")]
    rest = {each: "第二段按季汇总" if each == id else None for each in desk.columns}
    desk.added.append({**rest, **desk.group_at(row + 1)})


@change("贴入Word表格，一格两段占了两行（备用行）", "the same, pasted into the spare rows", pairs=False)
def word_paragraphs_spare(desk: Desk) -> None:
    id = desk.own[min(1, len(desk.own) - 1)]
    row, column = _spare(desk, 0), desk.column(id)
    _spare(desk, 1)
    values = {**desk.sketch.typed[1], id: "甲段逐村核实"}
    desk.type_row(row, values)
    desk.write((row + 1, column), "乙段张榜公示")
    rest = {each: "乙段张榜公示" if each == id else None for each in desk.columns}
    desk.added.append({**rest, **desk.group_at(row + 1)})


# --- nothing at all ----------------------------------------------------------------------------------------------------

_group = "未改"


@change("原样保存", "saved and nothing else", pairs=False)
def nothing(desk: Desk) -> None:
    pass


@change("保存两次", "saved twice", pairs=False)
def saved_twice(desk: Desk) -> None:
    path = desk.other.with_name(f"again-{id(desk)}.xlsx")
    desk.document.save_as(path)
    sheet = desk.sheet
    desk.turn_to(desk.office.open(path, hidden=True), sheet)
    path.unlink()


# --- how it is done ------------------------------------------------------------------------------------------------------


def _header(desk: Desk) -> int:
    """The row of the table's headings."""
    labels = [desk.sketch.labels[id] for id in desk.columns if id in desk.sketch.labels]
    first = desk.row(desk.indexes()[0])
    rows = [row for label in labels for row, _ in desk.places(label) if row < first]
    if not rows:
        raise CannotBeDone("the table has no headings any more")
    return max(set(rows), key=lambda row: (rows.count(row), row))


def _last_row(desk: Desk) -> int:
    """The last row of the table, spare rows too: where its keys end, or else where its words end."""
    keys = _keyed(desk)
    last = max(desk.row(index) for index in desk.indexes())
    while last + 1 in keys:
        last += 1
    return last


def _keyed(desk: Desk) -> set[int]:
    """The rows that bear a row key."""
    found = desk.seen().items()
    return {row for (row, _), value in found if isinstance(value, str) and re.fullmatch(r"\d\d[A-Z]", value)}


def _spare(desk: Desk, nth: int) -> int:
    """A spare row: below an original row, with a key and nothing typed."""
    seen, keyed = desk.seen(), _keyed(desk)
    columns = {desk.column(id) for id in desk.own}
    first = min(desk.row(index) for index in desk.indexes())
    free = [row for row in sorted(keyed) if row > first and not any((row, column) in seen for column in columns)]
    if len(free) <= nth:
        raise CannotBeDone("no spare row is left")
    return free[nth]


def _mark_row(desk: Desk) -> int:
    rows = [row for (row, _), value in desk.seen().items() if isinstance(value, str) and re.fullmatch(r"c\d+", value)]
    if not rows:
        raise CannotBeDone("there is no mark row")
    return max(set(rows), key=rows.count)


def _key_column(desk: Desk) -> int:
    marks = re.compile(r"\d\d[A-Z]|r\d+")
    found = [column for (_, column), value in desk.seen().items() if isinstance(value, str) and marks.fullmatch(value)]
    if not found:
        raise CannotBeDone("there are no row keys")
    return max(set(found), key=found.count)


def _free_text(desk: Desk) -> str:
    """A head answer that is a text of its own."""
    for id in ("purpose", "goals.year", "overall"):
        if id in desk.sketch.head:
            return id
    raise CannotBeDone("the form has no such answer")


def _neighbours(desk: Desk) -> tuple[str, str]:
    """Two answers of the head that stand side by side, or one above the other."""
    for pair in (("plan.june", "plan.october"), ("funds.mid.total", "funds.mid.fiscal")):
        if pair[0] in desk.sketch.head:
            return pair
    raise CannotBeDone("the form has no such answers")


def _label_fields(desk: Desk) -> list[str]:
    return [id for id in desk.sketch.head if id in desk.sketch.labels]


def _sections(desk: Desk) -> list[str]:
    wanted = ("code", "plan.march", "goals") if "purpose" in desk.sketch.head else ("name", "nature", "goals.year")
    return [id for id in wanted if id in desk.sketch.labels]


def _two_columns(desk: Desk) -> tuple[int, int]:
    if len(desk.own) < 2:
        raise CannotBeDone("the table has one column")
    first, second = (desk.column(id) for id in desk.own[-3:-1]) if len(desk.own) > 2 else map(desk.column, desk.own)
    return min(first, second), max(first, second)


def _name(desk: Desk, *fields: str) -> str:
    """The defined name of a field on this sheet."""
    there = {name for name, sheet, content in desk.document.names() if sheet == desk.sheet and "#REF!" not in content}
    for id in fields:
        if f"px.{id}" in there:
            return f"px.{id}"
    raise CannotBeDone("the name is not there")


def _swap(desk: Desk, first: str, second: str) -> None:
    content = {name: content for name, sheet, content in desk.document.names() if sheet == desk.sheet}
    desk.document.point_name(desk.sheet, first, content[second])
    desk.document.point_name(desk.sheet, second, content[first])


def _cleared(desk: Desk, places: list[Place]) -> None:
    if not places:
        raise CannotBeDone("there is nothing to clear")
    desk.unlock()
    for at in places:
        desk.document.write(desk.sheet, cell(*at), [[""]])
    desk.done()


def _moved(desk: Desk, area: str, at: Place) -> None:
    """Cut and paste. LibreOffice refuses, silently, what would tear a merged cell."""
    before = desk.seen()
    desk.document.drag(desk.sheet, area, cell(*at))
    desk.done()
    if desk.seen() == before:
        raise CannotBeDone("LibreOffice does not move a part of merged cells")


def _part(desk: Desk, what: str, area: str, way: str) -> None:
    """Insert or delete cells in part of a row; merged cells in the way are split, as Excel demands."""
    desk.unlock()
    top, left, bottom, right = bounds(area)
    last = 16383 if way in ("RIGHT", "LEFT") else right
    below = 1048575 if way in ("UP", "DOWN") else bottom
    desk.split_in(span(top, left, below, last))
    before = desk.seen()
    if what == "insert":
        desk.document.insert_cells(desk.sheet, area, way)
    else:
        desk.document.delete_cells(desk.sheet, area, way)
    desk.done()
    if desk.seen() == before:
        raise CannotBeDone("LibreOffice did not do it")


def _runs(rows: set[int]) -> Iterator[tuple[int, int]]:
    """Runs of rows that stand one below the other."""
    for row in sorted(rows):
        if row - 1 not in rows:
            last = row
            while last + 1 in rows:
                last += 1
            yield row, last


def _pasted(desk: Desk, areas: list[str], flags: str | None) -> None:
    """The areas pasted one below the other into a new workbook."""
    book = desk.office.new()
    (sheet,) = book.sheets()
    row = 0
    for area in areas:
        desk.document.paste(desk.sheet, area, book, sheet, cell(row, 0), flags)
        top, _, bottom, _ = bounds(area)
        row += bottom - top + 1
    desk.turn_to(book, sheet)


def _open_other(desk: Desk) -> Desk:
    document = desk.office.open(desk.other)
    desk.closing.append(document)
    source = Desk(desk.office, document, document.sheets()[0], desk.other_sketch, desk.other, desk.other_sketch)
    source.unlock()
    return source


def _stacked(desk: Desk, count: int, marks: bool) -> None:
    """Another unit's sheet pasted below, once or more."""
    source = _open_other(desk)
    top, left, bottom, right = source.used()
    if not marks:
        top, left, _, right = source.edges()
    desk.unlock()
    for _ in range(count):
        below = desk.used()[2] + 2
        area = span(top, left, bottom, right)
        source.document.paste(source.sheet, area, desk.document, desk.sheet, cell(below, left))
        desk.done()
    desk.foreign = True


def _sorted(desk: Desk, keys: bool) -> None:
    """The rows that hold something sorted by a column: merges split first, the first level filled into every row."""
    with suppress(CannotBeDone):
        split_level1_filled(desk)
    rows = [desk.row(index) for index in desk.indexes()]
    columns = [desk.column(id) for id in desk.columns]
    left = min([*columns, _key_column(desk)] if keys else columns)
    if keys and _key_column(desk) > max(columns):
        raise CannotBeDone("the keys stand on the other side")
    desk.unlock()
    area = span(min(rows), left, max(rows), max(columns))
    desk.split_in(area)
    desk.document.sort(desk.sheet, area, desk.column(desk.own[0]) - left, descending=True)
    desk.done()


def _merged(data: bytes, sheet: int, extra: list[str]) -> bytes:
    """The package with more merged ranges on a sheet."""
    target = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            if name == f"xl/worksheets/sheet{sheet + 1}.xml":
                more = "".join(f'<mergeCell ref="{each}"/>' for each in extra).encode()
                part = part.replace(b"</mergeCells>", more + b"</mergeCells>", 1)
            after.writestr(name, part)
    return target.getvalue()


def do(desk: Desk, *changes: Change) -> None:
    """Do the changes one after the other. Raises CannotBeDone."""
    for each in changes:
        try:
            each.do(desk)
        except OfficeError as error:
            if not desk.office.running:
                raise
            raise CannotBeDone(str(error)) from error
