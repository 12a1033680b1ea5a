"""What a round holds, written out for others: as JSON, CSV, a workbook, a database, or records files."""
