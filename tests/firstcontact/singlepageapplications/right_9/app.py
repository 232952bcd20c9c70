"""Λεξικό: client-side routes are what the server has no rule for."""
from pathlib import Path

from flask import Flask, jsonify, request, send_file
from flask.views import MethodView
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

WORDS = {"θάλασσα": "sea", "ήλιος": "sun", "φως": "light"}


class Word(MethodView):
    init_every_request = False

    def get(self, word):
        if word not in WORDS:
            raise NotFound("Άγνωστη λέξη")
        return jsonify(λέξη=word, μετάφραση=WORDS[word])

    def delete(self, word):
        WORDS.pop(word, None)
        return "", 204


class Words(MethodView):
    def get(self):
        return jsonify(list(WORDS))


class Dictionary(Flask):
    """Asset files at /-/…, API below /api/v2/, the page at all other paths."""

    api_prefix = "/api/v2/"
    index = "client/main.html"

    def __init__(self):
        super().__init__(__name__, static_folder="client/files", static_url_path="/-")
        self.json.ensure_ascii = False
        self.add_url_rule(self.api_prefix + "words", view_func=Words.as_view("words"))
        self.add_url_rule(self.api_prefix + "words/<word>", view_func=Word.as_view("word"))
        self.register_error_handler(HTTPException, self.on_http_error)

    def on_http_error(self, error):
        if request.path.startswith(self.api_prefix):
            return jsonify(σφάλμα=error.description), error.code, error.get_headers()[1:]
        is_page = isinstance(error, NotFound) and request.endpoint is None
        if is_page and request.method in ("GET", "HEAD"):
            return send_file(Path(self.root_path, self.index), mimetype="text/html", max_age=0)
        return error


app = Dictionary()
