from flask import abort, url_for

POSTS = {"hello": "Hello world", "spring": "Spring cleaning"}


def index():
    links = (f'<li><a href="{url_for("blog.post", slug=s)}">{t}</a>' for s, t in POSTS.items())
    return "<h1>Blog</h1><ul>" + "".join(links) + "</ul>"


def post(slug):
    if slug not in POSTS:
        abort(404)
    return f"<h1>{POSTS[slug]}</h1>"
