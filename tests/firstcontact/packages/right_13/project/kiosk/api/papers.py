from flask import abort, jsonify

from .. import rest
from ..shared import PAPERS


@rest.route("/v2/papers")
def papers():
    return jsonify({slug: title for slug, (title, _) in PAPERS.items()})


@rest.route("/v2/papers/<slug>")
def paper(slug):
    if slug not in PAPERS:
        abort(404)
    return jsonify(title=PAPERS[slug][0]), 203


@rest.errorhandler(404)
def absent(error):
    return jsonify(erreur="introuvable"), 404
