"""Season statistics of a league; the season in the URL is a number."""
import datetime

from flask import Flask, Response, g, json, url_for
from flask.views import MethodView
from werkzeug.routing import IntegerConverter, ValidationError

RESULTS = {
    2022: {"ajax": 83, "psv": 81},
    2023: {"feyenoord": 82, "psv": 75},
    2024: {"psv": 91, "feyenoord": 84},
}


class SeasonConverter(IntegerConverter):
    """Only seasons that were played; everything else does not match."""

    def to_python(self, value):
        season = super().to_python(value)
        if season not in RESULTS:
            raise ValidationError
        return season


class LeagueFlask(Flask):
    """The processors as overridden methods instead of decorated functions."""

    def inject_url_defaults(self, endpoint, values):
        super().inject_url_defaults(endpoint, values)
        season = g.get("season")
        if season is not None and self.url_map.is_endpoint_expecting(endpoint, "season"):
            values.setdefault("season", season)

    def preprocess_request(self):
        from flask import request

        args = request.view_args
        g.season = args.pop("season", None) if args else None
        return super().preprocess_request()


def hal(data, status=200):
    return Response(json.dumps(data), status, mimetype="application/hal+json")


class Table(MethodView):
    def get(self):
        rows = sorted(RESULTS[g.season].items(), key=lambda r: -r[1])
        return hal(
            {
                "season": g.season,
                "_links": {"self": {"href": url_for("table")}},
                "clubs": [
                    {"club": c, "points": p, "href": url_for("club", club=c)}
                    for c, p in rows
                ],
                "others": [
                    url_for("table", season=s) for s in RESULTS if s != g.season
                ],
            }
        )


class Club(MethodView):
    def get(self, club):
        if club not in RESULTS[g.season]:
            return hal({"error": "did not play"}, 404)
        return hal({"club": club, "table": url_for("table")})


class Clock(MethodView):
    def get(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        return hal({"now": now.isoformat(), "latest": url_for("table", season=max(RESULTS))})


app = LeagueFlask(__name__)
app.url_map.converters["season"] = SeasonConverter
app.add_url_rule("/api/v1/<season:season>/table", view_func=Table.as_view("table"))
app.add_url_rule("/api/v1/<season:season>/clubs/<club>", view_func=Club.as_view("club"))
app.add_url_rule("/api/v1/clock", view_func=Clock.as_view("clock"))
