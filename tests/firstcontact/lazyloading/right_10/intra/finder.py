from flask import request


def search():
    return {"query": request.values.get("q", ""), "hits": []}
