"""Flagging: findings written into the sender's own package, as colours that clear by themselves, notes and a sheet."""
