"""What a .docx says beyond its words: the archive's limits, styles and printed numbers."""
