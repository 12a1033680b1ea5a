"""A returned workbook becomes submissions: recognised, located by vote, read, and doubted where it must be."""
