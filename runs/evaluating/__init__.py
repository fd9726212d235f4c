"""How good the embedded analyst is on labelled data. Pure: no database.

One module measures one section; `sections` knows them all. Each reads its own part of a folder,
whose layout docs/cli.md describes.
"""
