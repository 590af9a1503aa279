"""Works chosen for an upper office."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "selection",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("piece", sa.String(), nullable=False),
        sa.Column("whom", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", "piece", "whom"),
    )
    with op.batch_alter_table("selection", schema=None) as batch_op:
        batch_op.create_index("selection_campaign", ["campaign", "whom"], unique=False)
