def card(number):
    return f"<!doctype html><title>Card</title><p>Member no. {number}</p>"
