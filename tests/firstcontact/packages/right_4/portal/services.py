from flask import abort
from werkzeug.exceptions import HTTPException

from portal import api
from portal.stock import items


@api.get("/items")
def all_items():
    return items()


@api.get("/items/<int:id>")
def one_item(id):
    return next((item for item in items() if item["id"] == id), None) or abort(404)


@api.errorhandler(HTTPException)
def problem(error):
    return {"error": error.name}, error.code
