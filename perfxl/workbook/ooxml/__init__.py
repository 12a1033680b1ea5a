"""The file format (ECMA-376): zip, parts, relationships, cells, styles, formulas. It knows nothing about forms."""
