"""Run the migrations in the transaction of whoever opens the store. Alembic loads this file by its path."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
