def check():
    return "", 204
