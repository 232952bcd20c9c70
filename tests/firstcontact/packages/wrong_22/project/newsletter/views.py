from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, current_app, render_template, request

bp = Blueprint("news", __name__)


@bp.get("/")
def index():
    return render_template("subscribe.html")


@bp.post("/subscribe")
def subscribe():
    from newsletter.jobs import enqueue

    try:
        address = validate_email(request.form.get("email", ""), check_deliverability=False).normalized
    except EmailNotValidError as error:
        return render_template("subscribe.html", problem=str(error)), 422
    enqueue(address, "Welcome")
    return render_template("subscribe.html", thanks=address), 201


@bp.get("/status")
def status():
    return {"waiting": len(current_app.extensions["outbox"])}
