"""The verbs over many files. Nothing is printed here; one bad file stops no other."""
