from markupsafe import Markup

from acme.shop import app


@app.template_filter()
def price(amount, currency="EUR"):
    return Markup("<data value='{}'>{} {}</data>").format(amount, currency, f"{amount * app.config['RATES'][currency]:.2f}")
