"""The first shape of the hub's database; on PostgreSQL every change of a picture tells all hub processes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What pages and worker processes look at; each statement that touches one of them wakes whoever listens.
WATCHED = (
    "stations", "compartments", "deposits", "cases", "tasks", "notifications", "commands", "documents",
    "document_requests", "staff",
)


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('chain', sa.String(length=40), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('subject', sa.String(length=200), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('body', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('hash', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('chain', 'n', name=op.f('pk_audit'))
    )
    op.create_table('case_counters',
    sa.Column('service_item', sa.String(length=31), nullable=False),
    sa.Column('day', sa.String(length=8), nullable=False),
    sa.Column('last', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('service_item', 'day', name=op.f('pk_case_counters'))
    )
    op.create_table('cases',
    sa.Column('case_number', sa.String(length=43), nullable=False),
    sa.Column('receipt_number', sa.String(length=11), nullable=True),
    sa.Column('service_item', sa.String(length=31), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('station', sa.String(length=32), nullable=True),
    sa.Column('compartment', sa.Integer(), nullable=True),
    sa.Column('size', sa.String(length=2), nullable=False),
    sa.Column('recipient_mask', sa.String(length=40), nullable=False),
    sa.Column('phone_event', sa.String(length=36), nullable=True),
    sa.Column('phone_forgotten', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ready_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('loaded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('collected_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_by', sa.String(length=64), nullable=True),
    sa.PrimaryKeyConstraint('case_number', name=op.f('pk_cases')),
    sa.UniqueConstraint('receipt_number', name=op.f('uq_cases_receipt_number'))
    )
    op.create_index('ix_cases_phone_kept', 'cases', ['phone_event'], unique=False, postgresql_where=sa.text('phone_event IS NOT NULL AND NOT phone_forgotten'), sqlite_where=sa.text('phone_event IS NOT NULL AND NOT phone_forgotten'))
    op.create_index(op.f('ix_cases_state'), 'cases', ['state'], unique=False)
    op.create_table('commands',
    sa.Column('jti', sa.String(length=36), nullable=False),
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('params', sa.Text(), nullable=False),
    sa.Column('asked_by', sa.String(length=64), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('jti', name=op.f('pk_commands'))
    )
    op.create_index(op.f('ix_commands_state'), 'commands', ['state'], unique=False)
    op.create_table('compartments',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('size', sa.String(length=8), nullable=True),
    sa.Column('allocation', sa.String(length=12), nullable=True),
    sa.Column('door', sa.String(length=8), nullable=True),
    sa.Column('in_service', sa.Boolean(), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=True),
    sa.Column('receipt_number', sa.String(length=11), nullable=True),
    sa.Column('case_number', sa.String(length=43), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('station', 'number', name=op.f('pk_compartments'))
    )
    op.create_table('deposits',
    sa.Column('receipt_number', sa.String(length=11), nullable=False),
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('compartment', sa.Integer(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('event', sa.String(length=36), nullable=True),
    sa.Column('has_phone', sa.Boolean(), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cleared_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cleared_by', sa.String(length=32), nullable=True),
    sa.Column('case_number', sa.String(length=43), nullable=True),
    sa.PrimaryKeyConstraint('receipt_number', name=op.f('pk_deposits'))
    )
    op.create_index(op.f('ix_deposits_state'), 'deposits', ['state'], unique=False)
    op.create_table('document_requests',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_document_requests'))
    )
    op.create_table('documents',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('version', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('applied', sa.String(length=12), nullable=True),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('station', 'kind', 'version', name=op.f('pk_documents')),
    sa.UniqueConstraint('sha256', name=op.f('uq_documents_sha256'))
    )
    op.create_table('epochs',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('epoch', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.Column('started', sa.Boolean(), nullable=False),
    sa.Column('through', sa.BigInteger(), nullable=False),
    sa.Column('through_id', sa.String(length=36), nullable=True),
    sa.Column('seen', sa.BigInteger(), nullable=False),
    sa.Column('projected', sa.BigInteger(), nullable=False),
    sa.Column('boot', sa.BigInteger(), nullable=True),
    sa.Column('conn', sa.BigInteger(), nullable=True),
    sa.Column('online', sa.Boolean(), nullable=False),
    sa.Column('presence', sa.Text(), nullable=True),
    sa.Column('renewed_for', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('station', 'epoch', name=op.f('pk_epochs'))
    )
    op.create_table('events',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('epoch', sa.String(length=36), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('type', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('clock', sa.String(length=8), nullable=True),
    sa.Column('boot', sa.BigInteger(), nullable=True),
    sa.Column('correlation', sa.String(length=36), nullable=True),
    sa.Column('subject', sa.String(length=64), nullable=True),
    sa.Column('compartment', sa.Integer(), nullable=True),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station', 'epoch', 'seq', name=op.f('pk_events'))
    )
    op.create_index(op.f('ix_events_correlation'), 'events', ['correlation'], unique=False)
    op.create_index(op.f('ix_events_state'), 'events', ['state'], unique=False, postgresql_where=sa.text("state <> 'done'"), sqlite_where=sa.text("state <> 'done'"))
    op.create_index(op.f('ix_events_station_id'), 'events', ['station', 'id'], unique=False)
    op.create_index(op.f('ix_events_subject'), 'events', ['subject'], unique=False)
    op.create_table('forks',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('epoch', sa.String(length=36), nullable=False),
    sa.Column('seq', sa.BigInteger(), nullable=False),
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station', 'epoch', 'seq', 'id', name=op.f('pk_forks'))
    )
    op.create_table('hub_meta',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_hub_meta'))
    )
    op.create_table('logins',
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('user', sa.String(length=64), nullable=False),
    sa.Column('form_token', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('seen_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token_sha256', name=op.f('pk_logins'))
    )
    op.create_table('notifications',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('case_number', sa.String(length=43), nullable=False),
    sa.Column('compartment', sa.Integer(), nullable=True),
    sa.Column('due', sa.DateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('problem', sa.Text(), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('next_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notifications'))
    )
    op.create_index(op.f('ix_notifications_state_next_at'), 'notifications', ['state', 'next_at'], unique=False)
    op.create_table('quarantine',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('station', sa.String(length=64), nullable=False),
    sa.Column('topic', sa.String(length=256), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('count', sa.BigInteger(), nullable=False),
    sa.Column('first_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station', 'sha256', name=op.f('pk_quarantine'))
    )
    op.create_table('sealed',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('event', sa.String(length=36), nullable=False),
    sa.Column('field', sa.String(length=64), nullable=False),
    sa.Column('jwe', sa.Text(), nullable=True),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('erased_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('station', 'event', 'field', name=op.f('pk_sealed'))
    )
    op.create_table('staff',
    sa.Column('badge', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('pin', sa.Text(), nullable=False),
    sa.Column('rights', sa.Text(), nullable=False),
    sa.Column('stations', sa.Text(), nullable=False),
    sa.Column('valid_until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('badge', name=op.f('pk_staff'))
    )
    op.create_table('station_tokens',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('token_sha256', sa.String(length=64), nullable=False),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('station', name=op.f('pk_station_tokens'))
    )
    op.create_table('stations',
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('epoch', sa.String(length=36), nullable=True),
    sa.Column('epochs_seen', sa.Integer(), nullable=False),
    sa.Column('audit_n', sa.BigInteger(), nullable=False),
    sa.Column('audit_head', sa.String(length=64), nullable=False),
    sa.Column('online', sa.Boolean(), nullable=False),
    sa.Column('boot', sa.BigInteger(), nullable=True),
    sa.Column('conn', sa.BigInteger(), nullable=True),
    sa.Column('software', sa.String(length=200), nullable=True),
    sa.Column('simulated', sa.Text(), nullable=True),
    sa.Column('config_version', sa.String(length=200), nullable=True),
    sa.Column('presence_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('heard_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('cloned_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('forked_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parked_epoch', sa.String(length=36), nullable=True),
    sa.Column('parked_seq', sa.BigInteger(), nullable=True),
    sa.Column('parked_reason', sa.Text(), nullable=True),
    sa.Column('parked_tries', sa.Integer(), nullable=False),
    sa.Column('parked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('station', name=op.f('pk_stations'))
    )
    op.create_table('tasks',
    sa.Column('id', sa.String(length=80), nullable=False),
    sa.Column('station', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('compartment', sa.Integer(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks'))
    )
    op.create_index(op.f('ix_tasks_closed_at'), 'tasks', ['closed_at'], unique=False)
    op.create_table('users',
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('shown_as', sa.String(length=64), nullable=False),
    sa.Column('password', sa.Text(), nullable=False),
    sa.Column('roles', sa.Text(), nullable=False),
    sa.Column('wrong_tries', sa.Integer(), nullable=False),
    sa.Column('locked_until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('made_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('disabled_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_users'))
    )

    if op.get_bind().dialect.name == "postgresql":
        _notify_on_change()


def _notify_on_change() -> None:
    op.execute(
        "CREATE FUNCTION nightdesk_changed() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('nightdesk', ''); RETURN NULL; END $$"
    )
    for table in WATCHED:
        op.execute(
            f"CREATE TRIGGER nightdesk_changed AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION nightdesk_changed()"
        )
