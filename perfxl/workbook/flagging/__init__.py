"""Findings written into the sender's own package: colours that clear by themselves, notes, the 审核意见 sheet."""
