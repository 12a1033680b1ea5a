"""What a form sheet is: its identity, names, page, look and live self-check."""
