"""Reports put into words and tables: one set of columns for the terminal, files and spreadsheets.

What is counted is said by `observability.reports`; here are names, order and number formats.
"""
