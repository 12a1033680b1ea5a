"""Forms that live in Excel: send out locked workbooks, read them back, check them, flag what is wrong.

The verbs are imported from where they live, so that ``import perfxl`` costs nothing:
``perfxl.workbook.writing.books.generate``, ``perfxl.workbook.reading.read.read``, ``perfxl.rules.review.review``,
``perfxl.workbook.flagging.flag.flag`` and ``perfxl.budget.documents.extract.extract``.
"""

__version__ = "0.1.0"
