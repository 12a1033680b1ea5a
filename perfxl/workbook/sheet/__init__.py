"""Form sheets: their identity, names, page, look and live self-check."""
