"""One file for each schema: what makes it of the one before."""
