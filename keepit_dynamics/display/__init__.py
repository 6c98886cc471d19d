"""Reports for people: HTML for notebooks and files, tables for the terminal."""
