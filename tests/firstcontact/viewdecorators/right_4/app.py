"""Whole answers are kept in files, with their age; validators make 304 of them."""
import time
from functools import partial, update_wrapper
from hashlib import blake2b

from cachelib import FileSystemCache, SimpleCache
from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, session, url_for

issues = iter(range(1, 10**6))


def keep_answers(timeout=300, key="view/{}", private=False):
    def decorator(view):
        def answer(*args, **kwargs):
            if request.method not in ("GET", "HEAD"):
                return view(*args, **kwargs)
            cache = current_app.extensions["answers"]
            parts = [key.format(request.path), request.host, str(g.get("user")) if private else ""]
            parts += [f"{name}={value}" for name, value in sorted(request.args.items(multi=True))]
            name = blake2b("\n".join(parts).encode()).hexdigest()
            kept = cache.get(name)
            if kept is None:
                fresh = make_response(view(*args, **kwargs))
                if fresh.status_code != 200 or fresh.is_streamed or "Set-Cookie" in fresh.headers:
                    return fresh  # mistakes and what is for one person are not kept
                headers = [(n, v) for n, v in fresh.headers if n.lower() != "content-length"]
                kept = (time.time(), fresh.get_data(), headers)
                cache.set(name, kept, timeout=timeout)
            since, body, headers = kept
            response = Response(body, headers=headers)
            response.headers["Age"] = str(max(0, int(time.time() - since)))
            if "Cache-Control" not in response.headers:
                response.headers["Cache-Control"] = "private, no-cache"
            response.add_etag()
            return response.make_conditional(request)

        return update_wrapper(answer, view)

    return decorator


def with_login(view=None, *, endpoint="login"):
    if view is None:
        return partial(with_login, endpoint=endpoint)

    def guarded(*args, **kwargs):
        if g.user is not None:
            return view(*args, **kwargs)
        response = redirect(url_for(endpoint, next=request.url), 307 if request.method in ("GET", "HEAD") else 303)
        response.cache_control.no_store = True
        return response

    return update_wrapper(guarded, view)


def template(template=None):
    def decorator(view):
        def rendered(*args, **kwargs):
            values = view(*args, **kwargs)
            if isinstance(values, (dict, type(None))):
                found = template or request.endpoint.replace(".", "/") + ".html"
                return render_template(found, **(values or {}))
            return values

        return update_wrapper(rendered, view)

    return decorator


def prepare(app):
    folder = app.config.get("ANSWERS")
    app.extensions["answers"] = FileSystemCache(folder, threshold=1000) if folder else SimpleCache()
    app.before_request(lambda: setattr(g, "user", session.get("user")))


def create_app(config=None):
    from jinja2 import DictLoader

    app = Flask(__name__)
    app.config.from_mapping({"SECRET_KEY": "k" * 20, **(config or {})})
    app.jinja_loader = DictLoader({
        "login.html": "<form method=post><input name=user><input name=pin>"
        "<input type=hidden name=next value='{{ request.args.next }}'>"
        "<input type=hidden name=token value='{{ token }}'></form>",
        "books/index.html": "<ul>{% for book in books %}<li>{{ book }}{% endfor %}</ul>",
    })
    prepare(app)

    @app.route("/login", methods=["GET", "POST"])
    def login():
        if request.method == "POST" and (request.form["user"], request.form["pin"]) in {("ada", "1815"), ("alan", "1912")}:
            session["user"] = request.form["user"]
            target = request.form.get("next", "")
            root = request.root_url  # with its slash: http://host.evil.example does not begin so
            path = "/" + target[len(root):] if target.startswith(root) else target
            own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
            return redirect(path if own else "/")
        return render_template("login.html"), 200 if request.method == "GET" else 422

    @app.get("/logout")
    def logout():
        session.pop("user", None)
        return "Bye."

    @app.get("/")
    def home():
        return "home"

    @app.get("/vault")
    @with_login
    def vault():
        return f"gold of {g.user}"

    @app.get("/paper")
    @keep_answers(timeout=600)
    def paper():
        return {"issue": next(issues), "part": request.args.getlist("part")}, {"X-Issue": "daily"}

    @app.get("/letters")
    @with_login(endpoint="login")
    @keep_answers(timeout=600, private=True)
    def letters():
        return f"{g.user}: {next(issues)}"

    @app.get("/books")
    @template("books/index.html")
    def books():
        return dict(books=["<1>", "2"])

    return app
