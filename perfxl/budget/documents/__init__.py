"""Published budget documents: their text becomes records."""
