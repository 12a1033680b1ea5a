"""A book becomes the bytes of a workbook: compiled by XlsxWriter once, then stamped."""
