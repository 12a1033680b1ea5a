"""Writing a book as the bytes of a workbook: XlsxWriter compiles its parts once, stamping fills in what varies."""
