"""Menu of a café; the guest's language is kept in a cookie."""
from flask import Flask, after_this_request, g, render_template, request

app = Flask(__name__)

DISHES = {
    "en": ["Soup of the day", "Pancakes"],
    "de": ["Tagessuppe", "Pfannkuchen"],
}


@app.before_request
def detect_language():
    language = request.cookies.get("lang")
    if language is None:
        language = request.accept_languages.best_match(list(DISHES)) or "en"

        @after_this_request
        def remember(response):
            response.set_cookie("lang", language, httponly=True, samesite="Lax")
            return response

    g.language = language


@app.context_processor
def dishes():
    return {"dishes": DISHES[g.language], "language": g.language}


@app.get("/")
def menu():
    return render_template("menu.html")


@app.get("/table/<int:number>")
def table(number):
    return render_template("menu.html", number=number)


@app.get("/open")
def opening_hours():
    return {"from": "8:00", "to": "18:00"}
