"""What staff taught gets a number, a kind and its mail, so that aliases can be learned and any of it forgotten."""

import sqlalchemy as sa
from alembic import op

import archive.tables

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "taught",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("at", archive.tables.UTCDateTime(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("kind", "campaign", "text"),
    )
    op.execute(
        "INSERT INTO taught (kind, campaign, text, unit, at, who)"
        " SELECT 'address', campaign, address, unit, at, who FROM learned ORDER BY at"
    )
    op.drop_table("learned")
