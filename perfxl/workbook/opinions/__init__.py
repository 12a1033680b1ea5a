"""The sheet 审核意见 (review opinions): its lines, how it is written, and the reading of what people entered in it."""
