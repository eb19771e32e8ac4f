"""Memory: tables, one unit of work, one repository per aggregate, migrations."""
