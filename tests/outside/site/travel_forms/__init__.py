"""A package that knows nothing of budgets: a form for travel claims, a type of answer, a check, all found by perfxl."""
