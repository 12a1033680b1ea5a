"""A package that knows nothing of budgets: a form for travel claims, a kind of answer, a check, all found by perfxl."""
