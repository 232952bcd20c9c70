import asyncio

from flask import request


async def karten():
    await asyncio.sleep(0)
    return {"methode": request.method}
