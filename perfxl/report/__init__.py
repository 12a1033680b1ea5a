"""The words about the work of the verbs: findings in several formats, checks and forms described."""
