"""Reading of form definitions: the table of keys, the mistakes, and a reader for each part of a ``form.yaml``."""
