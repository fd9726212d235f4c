"""What teams bring: subsystems, glossaries and requirements from a spreadsheet.

Each kind is a resource (`observability.sheets.importing`) whose rows go through the actions that a
person would use. `running` reads a file, shows what would happen, and does it.
"""
