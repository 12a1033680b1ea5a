"""Words in French: what is missing here is said in English."""
