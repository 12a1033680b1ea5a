"""The checks made on every form: it came back unchanged, from the unit it went to, and without stray white space."""
