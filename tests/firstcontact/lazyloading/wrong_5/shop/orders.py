import asyncio

from flask import request


async def index():
    await asyncio.sleep(0)
    return "<h1>No orders</h1>"


def create():
    return {"ordered": request.form["item"]}, 201
