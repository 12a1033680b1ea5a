"""A finding says which one of the draft before it follows; what is upheld is open, remarks stay open through drafts."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_VIEWS = {
    "current_draft": """
        SELECT u.code AS unit_code, u.name AS unit_name, p.form, p.number, p.code AS project_code,
            p.name AS project_name, p.disclosure, p.state, p.key AS project, s.id AS submission, s.draft,
            d.name AS file, d.arrived,
            (SELECT count(*) FROM finding f WHERE f.submission = s.id
                AND f.state IN ('open', 'upheld') AND f.severity = 'error') AS open_errors,
            (SELECT count(*) FROM finding f WHERE f.submission = s.id
                AND f.state IN ('open', 'upheld') AND f.severity = 'warning') AS open_warnings,
            (SELECT count(*) FROM remark r JOIN submission x ON x.id = r.submission
                JOIN delivery y ON y.id = x.delivery JOIN run z ON z.id = y.run
                WHERE x.project = p.key AND r.state = 'open' AND NOT z.undone) AS open_remarks,
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
        WHERE f.state IN ('open', 'upheld')
    """,
    "unit_progress": """
        SELECT unit_code, unit_name, count(*) AS asked, count(submission) AS submitted,
            sum(open_errors) AS open_errors, sum(open_warnings) AS open_warnings, sum(open_questions) AS open_questions
        FROM current_draft
        GROUP BY unit_code, unit_name
    """,
}


def upgrade() -> None:
    """Add the column, and make the views anew."""
    op.execute("ALTER TABLE finding ADD COLUMN follows INTEGER REFERENCES finding(id)")
    op.execute("CREATE INDEX ix_finding_follows ON finding (follows)")
    for name in reversed(_VIEWS):
        op.execute(f"DROP VIEW {name}")
    for name, query in _VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")
