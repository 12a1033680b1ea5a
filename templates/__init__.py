"""Forms that ship with perfxl: one folder per form, and the taxonomies and word lists they share."""
