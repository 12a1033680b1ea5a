"""What only a budget knows: its checks by family, its kind of answer, its published documents, its words."""
