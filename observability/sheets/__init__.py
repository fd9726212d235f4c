"""Spreadsheets from the admin.

Columns, formats and stored files are above this room; `handed` is where `runs` hands them in.
"""
