"""Everything that is special to budgets: checks by family, a type of answer, published documents, messages."""
