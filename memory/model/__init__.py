"""The data model of the canon. Pure: no database."""
