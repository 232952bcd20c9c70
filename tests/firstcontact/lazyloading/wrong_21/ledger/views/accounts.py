from flask import abort, current_app, render_template

from ledger.data import ACCOUNTS


def money(cents):
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d} €"


current_app.jinja_env.filters["money"] = money


def accounts():
    return render_template("accounts.html", accounts=ACCOUNTS)


def account(name):
    if name not in ACCOUNTS:
        abort(404)
    return render_template("accounts.html", accounts={name: ACCOUNTS[name]})
