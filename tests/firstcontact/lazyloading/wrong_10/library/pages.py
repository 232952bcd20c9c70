from flask import url_for


def home():
    return {"books": url_for("books"), "member": url_for("member", number=1)}
