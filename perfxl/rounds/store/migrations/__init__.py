"""The migrations of the store, run by Alembic when a store is made, or an older one opened for writing."""
