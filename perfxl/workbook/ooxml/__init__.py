"""The file format (ECMA-376): zip, parts, relationships, cells, styles, formulas. Knows no form."""
