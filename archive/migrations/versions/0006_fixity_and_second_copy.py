"""When each object was last checked, and what the second copy holds."""

import sqlalchemy as sa
from alembic import op

import archive.tables

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "fixity",
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("since", archive.tables.UTCDateTime(), nullable=False),
        sa.Column("checked", archive.tables.UTCDateTime(), nullable=True),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("damaged", sa.Integer(), nullable=False),
        sa.Column("damages", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("root", "place"),
    )
    with op.batch_alter_table("fixity", schema=None) as batch_op:
        batch_op.create_index("fixity_due", ["root", "checked"], unique=False)
        batch_op.create_index("ix_fixity_damaged", ["damaged"], unique=False)
    op.create_table(
        "second_copy",
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", archive.tables.UTCDateTime(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("place"),
    )
    with op.batch_alter_table("second_copy", schema=None) as batch_op:
        batch_op.create_index("ix_second_copy_number", ["number"], unique=False)
