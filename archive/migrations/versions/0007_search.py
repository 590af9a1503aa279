"""What search reads: a row for each piece and mail, and the grams of their words."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "search",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("unit", sa.String(), nullable=True),
        sa.Column("item", sa.String(), nullable=True),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("search", schema=None) as batch_op:
        batch_op.create_index("ix_search_number", ["number"], unique=False)
        batch_op.create_index("search_unit", ["campaign", "unit"], unique=False)
    op.create_table(
        "unit_name",
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("campaign", "unit"),
    )
    op.execute(
        "CREATE VIRTUAL TABLE search_gram USING fts5(grams, content='', detail=none, columnsize=0, tokenize='ascii')"
    )
    # an empty ledger's index is whole; an older ledger's is made when it is first asked
    op.execute(
        "INSERT INTO meta(key, value) SELECT 'search', '1' WHERE NOT EXISTS (SELECT 1 FROM submission WHERE "
        "state = 'accepted')"
    )
