"""Um jornal em duas línguas, com cookies assinados por outro nome."""
from flask import Flask, Response, after_this_request, g, request, stream_with_context, render_template_string
from werkzeug.datastructures import LanguageAccept

LINGUAS = ["pt-BR", "pt-PT", "es"]
TITULOS = {"pt-BR": "Notícias do ônibus", "pt-PT": "Notícias do autocarro", "es": "Noticias del autobús"}
PAGINA = """<!doctype html>
<html lang="{{ g.lingua }}"><head><meta charset="utf-8"><title>{{ titulo }}</title></head>
<body><h1>{{ titulo }}</h1><p>{{ request.args.get("q", "") }}</p></body></html>"""


def adivinhar(aceitas: LanguageAccept) -> str:
    return aceitas.best_match(LINGUAS, default="pt-BR")


def lingua_do_leitor():
    valor = request.cookies.get("lingua", "")
    if valor not in LINGUAS:
        valor = adivinhar(request.accept_languages)

        @after_this_request
        def lembrar(response: Response) -> Response:
            response.set_cookie("lingua", valor, path="/", max_age=5_000_000, samesite="Lax")
            response.headers.add("Vary", "Accept-Language, Cookie")
            return response

    g.lingua = valor


def create_app(config=None):
    app = Flask(__name__)
    app.config.from_mapping(config or {})
    app.before_request_funcs.setdefault(None, []).append(lingua_do_leitor)

    @app.get("/")
    def capa():
        return render_template_string(PAGINA, titulo=TITULOS[g.lingua])

    @app.get("/linhas.txt")
    def linhas():
        @stream_with_context
        def gerar():
            for numero in range(3):
                yield f"{numero} {g.lingua}\n"

        return gerar(), {"Content-Type": "text/plain; charset=utf-8"}

    return app
