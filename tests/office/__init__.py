"""LibreOffice as a judge of what is live in a workbook: typing, locks, validations, formulas, colours."""
