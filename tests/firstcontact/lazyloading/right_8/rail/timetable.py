from xml.sax.saxutils import quoteattr

from flask import Response
from flask.views import View


class Timetable(View):
    def dispatch_request(self, code):
        return Response(f"<timetable station={quoteattr(code)}><train no='IC 1'/></timetable>",
                        mimetype="application/xml")
