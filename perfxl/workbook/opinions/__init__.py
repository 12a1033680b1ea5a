"""审核意见: its lines, its sheet, and what people wrote into it."""
