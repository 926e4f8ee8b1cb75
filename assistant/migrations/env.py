"""What alembic runs: the versions that are missing, on the connection that `upgrade` was given."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
