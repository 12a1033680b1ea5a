"""A round (批次): who was asked for what, what came back, what was decided; kept in a folder."""
