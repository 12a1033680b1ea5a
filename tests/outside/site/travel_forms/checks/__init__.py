"""The checks of a travel claim."""
