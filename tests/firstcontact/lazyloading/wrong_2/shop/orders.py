from flask import request


def index():
    return "<h1>No orders</h1>"


def create():
    return {"ordered": request.form["item"]}, 201
