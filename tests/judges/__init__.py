"""Judges of a workbook that share nothing with perfxl: the ECMA schemas with Excel's further rules, and openpyxl."""
