"""Forms that live in Excel: send out locked workbooks, read them back, check them, flag what is wrong.

The verbs are imported from where they live, so that ``import perfxl`` costs nothing:
``perfxl.workbook.generate.generate``, ``perfxl.workbook.read.read``, ``perfxl.workbook.review.review``,
``perfxl.workbook.flag.flag`` and ``perfxl.documents.extract.extract``.
"""

__version__ = "0.1.0"
