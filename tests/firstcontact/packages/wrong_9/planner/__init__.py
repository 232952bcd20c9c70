"""Shift planner.  Every module in planner/views is loaded by itself."""
import importlib
import pkgutil

from flask import Flask, render_template

app = Flask(__name__)
app.config["BRIGADE"] = "Lower Harbour"


@app.errorhandler(404)
def not_found(error):
    return render_template("404.html"), 404


@app.context_processor
def brigade():
    return {"brigade": app.config["BRIGADE"]}


# Nobody should have to remember to list a new view module here.
for module in pkgutil.iter_modules(["planner/views"]):
    importlib.import_module(f"planner.views.{module.name}")
