"""A small shop: the layout renders the menu, whose entries children may render differently."""
from dataclasses import dataclass

from flask import Flask, render_template, url_for


@dataclass
class Entry:
    label: str
    endpoint: str

    @property
    def url(self):
        return url_for(self.endpoint)


MENU = [Entry("Home", "home"), Entry("Offers", "offers"), Entry("Contact", "contact")]


class Shop(Flask):
    def __init__(self, **kwargs):
        super().__init__(__name__, **kwargs)
        self.context_processor(lambda: {"menu": MENU})
        for path, name in ("/", "home"), ("/offers", "offers"), ("/contact", "contact"):
            self.add_url_rule(path, name, self.page(f"{name}.html"))
        self.register_error_handler(404, self.missing)

    @staticmethod
    def page(template):
        return lambda: render_template(template)

    @staticmethod
    def missing(error):
        return render_template("missing.html"), 404


app = Shop()
