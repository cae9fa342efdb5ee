"""Pure: the schemas as tables in Markdown, for docs/api.md; `docs.generate` puts them in."""

from analysis.records import SCHEMAS, Column, Schema


def tables() -> str:
    """One table for each kind of record."""
    return "\n\n".join(table(schema) for schema in SCHEMAS)


def table(schema: Schema) -> str:
    rows = [_row(column) for column in schema.columns]
    head = [f"### {schema.kind}", "", f"{schema.description} Schema `{schema.name}`.", ""]
    return "\n".join([*head, "| column | type | meaning |", "|---|---|---|", *rows])


def _row(column: Column) -> str:
    kind = column.type if column.is_always_set else f"{column.type}, may be empty"
    meaning = column.description.replace("|", "\\|")
    flat = f" In CSV `{column.prefix}<key>`." if column.prefix else ""
    return f"| `{column.name}` | {kind} | {meaning}{flat} |"
