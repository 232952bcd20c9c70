def konto(name):
    return {"leser": name, "ausgeliehen": []}
