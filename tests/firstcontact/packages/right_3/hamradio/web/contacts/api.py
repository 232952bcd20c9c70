from . import v1


@v1.get("/bands")
def bands():
    return {"bands": ["2 m", "70 cm"]}
