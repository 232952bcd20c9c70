from flask import Response, current_app, redirect, render_template, url_for

from zeitung.articles import ARTICLES


def atom():
    body = render_template("feed.xml", articles=ARTICLES, edition=current_app.config["EDITION"])
    return Response(body, mimetype="application/atom+xml")


def old_feed():
    return redirect(url_for("atom"), 308)


def register(app):
    app.add_url_rule("/feed.atom", view_func=atom)
    app.add_url_rule("/rss", view_func=old_feed)
