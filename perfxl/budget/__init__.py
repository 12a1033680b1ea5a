"""Everything that is special to budgets: checks by family, a kind of answer, published documents, messages."""
