"""Layout analysis for PDFs: words, lines, ruled tables, headers and footers, paragraphs."""
