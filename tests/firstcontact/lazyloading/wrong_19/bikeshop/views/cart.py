from flask import redirect, render_template_string, request, session, url_for


def count_items():
    return sum(session.get("cart", {}).values())


def show():
    return render_template_string("<p>{{ cart_badge }} item(s) in your cart</p>")


def add():
    cart = dict(session.get("cart", {}))
    key = str(request.form.get("bike", type=int))
    cart[key] = cart.get(key, 0) + 1
    session["cart"] = cart
    return redirect(url_for("shop.show"), 303)
