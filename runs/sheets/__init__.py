"""Rows as spreadsheets: one set of columns for the admin, pages, API and files that are stored.

`spec.RowSheet` says which columns a kind of row has, `listings` which rows a page lists, `formats`
how django-import-export writes them, and `writing` how many of them are written in constant memory.
"""
