"""A census of what may hang at a workbook and its sheets, and of what becomes of it when a workbook is written anew.

Each kind is carried, meaningless, or listed on 表外内容 by its words (``sheet.outside.things``). What is not in these
tables is listed as something else, so that nothing is lost in silence. The kinds are those of ECMA-376 part 1 (12.3,
18.3.1.99), of Microsoft's extensions ([MS-XLSX] 2.1, 2.2) and of WPS and Google.
"""

from __future__ import annotations

from typing import Final

CARRIED: Final = "carried"
"""It is in the workbook written anew, or each of its pieces is listed by itself."""

MEANINGLESS: Final = "meaningless"
"""It holds nothing that a person typed or put on the sheet."""

OTHER: Final = "other"
"""The words for what no table knows."""

PACKAGE = {
    "officeDocument": CARRIED,
    "custom-properties": CARRIED,  # the identity; others are marks of the programs that saved the file
    "core-properties": MEANINGLESS,  # by whom and when the file was saved
    "extended-properties": MEANINGLESS,
    "thumbnail": MEANINGLESS,
    "webextensiontaskpanes": MEANINGLESS,  # a pane of an add-in, beside the sheet
    "extensibility": "macros",  # buttons of the ribbon, which call macros
    "userCustomization": "macros",
    "origin": "signature",
    "classificationlabels": "label",
}
"""By the last word of a relationship's type, the relationships of the package."""

WORKBOOK = {
    "worksheet": CARRIED,
    "chartsheet": "other_sheet",
    "dialogsheet": "other_sheet",
    "xlMacrosheet": "other_sheet",
    "xlIntlMacrosheet": "other_sheet",
    "styles": CARRIED,
    "theme": CARRIED,
    "sharedStrings": CARRIED,
    "calcChain": MEANINGLESS,  # the order in which Excel calculates; it makes its own
    "volatileDependencies": MEANINGLESS,
    "sheetMetadata": CARRIED,  # with the kinds below: values of cells, pictures among them
    "rdRichValue": CARRIED,
    "rdRichValueStructure": CARRIED,
    "rdRichValueTypes": CARRIED,
    "rdArray": CARRIED,
    "rdSupportingPropertyBag": CARRIED,
    "rdSupportingPropertyBagStructure": CARRIED,
    "rdRichValueWebImage": CARRIED,
    "richValueRel": CARRIED,
    "richStyles": MEANINGLESS,
    "cellImage": CARRIED,  # of WPS; by its cells
    "FeaturePropertyBag": MEANINGLESS,  # how a cell shows TRUE and FALSE
    "person": MEANINGLESS,  # the writers of threaded comments, by their accounts
    "customXml": MEANINGLESS,  # data of document management
    "xmlMaps": MEANINGLESS,
    "workbookmetadata": MEANINGLESS,  # of Google
    "connections": "query",
    "externalLink": "external_link",
    "pivotCacheDefinition": MEANINGLESS,  # a copy of the rows that a pivot table counts
    "slicerCache": MEANINGLESS,  # the state of a slicer, which is a drawing
    "timelineCache": MEANINGLESS,
    "powerPivotData": "query",
    "customData": "query",
    "revisionHeaders": "revisions",
    "usernames": MEANINGLESS,  # who had a shared workbook open
    "vbaProject": "macros",
    "attachedToolbars": "macros",
    "jsaProject": "macros",
    "documenttask": "task",
}
"""The relationships of the workbook part."""

SHEET = {
    "drawing": CARRIED,  # each thing on it is listed
    "vmlDrawing": CARRIED,  # likewise, and its notes by their texts
    "comments": CARRIED,
    "threadedComment": CARRIED,
    "hyperlink": CARRIED,  # each link is listed
    "ctrlProp": CARRIED,  # each form control is listed
    "image": "background",
    "oleObject": "embedded",
    "package": "embedded",
    "control": "control",
    "table": MEANINGLESS,  # its texts are cells
    "tableSingleCells": MEANINGLESS,
    "queryTable": "query",
    "pivotTable": "pivot_table",
    "slicer": MEANINGLESS,  # a drawing shows it
    "timeline": MEANINGLESS,
    "printerSettings": MEANINGLESS,
    "customProperty": MEANINGLESS,  # data of add-ins, which no sheet shows
    "namedSheetView": MEANINGLESS,
    "wsSortMap": MEANINGLESS,
    "workbookmetadata": MEANINGLESS,
}
"""The relationships of a worksheet."""

ELEMENTS = {
    "sheetPr": MEANINGLESS,  # the colour of the tab, and how it is printed
    "dimension": MEANINGLESS,
    "sheetViews": MEANINGLESS,  # frozen panes, zoom
    "sheetFormatPr": MEANINGLESS,
    "cols": MEANINGLESS,  # widths, hidden and grouped columns
    "sheetData": CARRIED,
    "sheetCalcPr": MEANINGLESS,
    "sheetProtection": MEANINGLESS,  # the form's own again
    "protectedRanges": MEANINGLESS,
    "scenarios": "scenario",
    "autoFilter": MEANINGLESS,
    "sortState": MEANINGLESS,
    "dataConsolidate": MEANINGLESS,
    "customSheetViews": MEANINGLESS,
    "mergeCells": MEANINGLESS,  # a text stands in its first cell
    "phoneticPr": MEANINGLESS,
    "conditionalFormatting": MEANINGLESS,  # colours
    "dataValidations": MEANINGLESS,  # the form's own again
    "hyperlinks": CARRIED,  # each link is listed
    "printOptions": MEANINGLESS,
    "pageMargins": MEANINGLESS,
    "pageSetup": MEANINGLESS,
    "headerFooter": CARRIED,  # its texts are listed
    "rowBreaks": MEANINGLESS,
    "colBreaks": MEANINGLESS,
    "customProperties": MEANINGLESS,
    "cellWatches": MEANINGLESS,
    "ignoredErrors": MEANINGLESS,
    "smartTags": MEANINGLESS,
    "drawing": CARRIED,
    "legacyDrawing": CARRIED,
    "legacyDrawingHF": "header_picture",
    "drawingHF": "header_picture",
    "picture": CARRIED,  # its relationship is listed
    "oleObjects": CARRIED,
    "controls": CARRIED,
    "webPublishItems": MEANINGLESS,
    "tableParts": CARRIED,
    "extLst": CARRIED,  # by the kinds below
    "AlternateContent": CARRIED,  # a choice among the elements above
}
"""The elements of a worksheet."""

EXTENSIONS = {
    "conditionalFormattings": MEANINGLESS,
    "dataValidations": MEANINGLESS,
    "sparklineGroups": "sparkline",
    "slicerList": MEANINGLESS,
    "timelineRefs": MEANINGLESS,
    "protectedRanges": MEANINGLESS,
    "ignoredErrors": MEANINGLESS,
    "webExtensions": MEANINGLESS,
    "pivotTableDefinition": MEANINGLESS,
}
"""The elements of newer versions, in a worksheet's list of extensions."""
