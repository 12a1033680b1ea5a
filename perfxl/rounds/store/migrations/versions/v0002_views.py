"""Views for people who query the store."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_VIEWS = {
    "open_question": """
        SELECT q.id AS question, q.project, q.kind, q.opened, q.submissions, q.facts
        FROM question q
        LEFT JOIN run r ON r.id = q.run
        WHERE q.closed IS NULL AND (r.id IS NULL OR NOT r.undone)
    """,
    "current_draft": """
        SELECT u.code AS unit_code, u.name AS unit_name, p.form, p.number, p.code AS project_code,
            p.name AS project_name, p.disclosure, p.state, p.key AS project, s.id AS submission, s.draft,
            d.name AS file, d.arrived,
            (SELECT count(*) FROM finding f
                WHERE f.submission = s.id AND f.state = 'open' AND f.severity = 'error') AS open_errors,
            (SELECT count(*) FROM finding f
                WHERE f.submission = s.id AND f.state = 'open' AND f.severity = 'warning') AS open_warnings,
            (SELECT count(*) FROM remark r WHERE r.submission = s.id AND r.state = 'open') AS open_remarks,
            (SELECT count(*) FROM open_question q WHERE q.project = p.key) AS open_questions
        FROM project p
        JOIN unit u ON u.code = p.unit
        LEFT JOIN submission s ON s.project = p.key AND s.counts
        LEFT JOIN delivery d ON d.id = s.delivery
        WHERE p.state = 'active'
    """,
    "open_finding": """
        SELECT u.code AS unit_code, u.name AS unit_name, p.form, p.number, p.name AS project_name, d.name AS file,
            s.sheet, f.cell, f.code, f.severity, f.facts, f.id AS finding, s.id AS submission
        FROM finding f
        JOIN submission s ON s.id = f.submission AND s.counts
        JOIN delivery d ON d.id = s.delivery
        JOIN project p ON p.key = s.project
        JOIN unit u ON u.code = p.unit
        WHERE f.state = 'open'
    """,
    "unit_progress": """
        SELECT unit_code, unit_name, count(*) AS asked, count(submission) AS submitted,
            sum(open_errors) AS open_errors, sum(open_warnings) AS open_warnings, sum(open_questions) AS open_questions
        FROM current_draft
        GROUP BY unit_code, unit_name
    """,
}


def upgrade() -> None:
    """Make the views."""
    for name, query in _VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")
