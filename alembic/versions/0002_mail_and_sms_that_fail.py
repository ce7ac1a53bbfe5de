"""mail and SMS that fail"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    channels = op.create_table(
        "channels",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_channels")),
    )
    op.bulk_insert(channels, [{"name": "mail"}, {"name": "sms"}])
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failed_channel", sa.String, nullable=True))
        batch_op.create_index(
            "ix_jobs_failed_channel",
            ["failed_channel", "dead_at"],
            unique=False,
            postgresql_where=sa.text("failed_channel IS NOT NULL"),
            sqlite_where=sa.text("failed_channel IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index("ix_jobs_failed_channel")
        batch_op.drop_column("failed_channel")
    op.drop_table("channels")
