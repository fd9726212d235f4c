"""Word (.docx): lxml reads the parts, `runs.documents.word` knows what they mean."""

from ..builder import Builder
from ..document import Document
from ..pagecount import check_pages
from ..word.body import Body
from ..word.numbering import Numbering
from ..word.package import Package
from ..word.styles import Styles
from .protocol import Source


class _Word:
    def parse(self, source: Source) -> Document:
        package = Package(source.content)
        styles = Styles(package.optional("styles"))
        numbering = Numbering(package.optional("numbering"))
        body = Body(package.document(), styles, numbering)
        builder = Builder(source.name, source.media_type)
        for piece in body.pieces():
            check_pages(piece.page)
            builder.add(piece)
        return builder.finish(body.page)


PARSER = _Word()
