DISHES = ["Börek", "Salad <green>"]
GUESTS = {"Ada": "Börek", "Grace": "Salad <green>"}
