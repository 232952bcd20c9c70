import potluck, potluck.guests
print(potluck.app is potluck.guests.app, potluck.app.test_client().get("/guests").status_code)
assert potluck.app is not potluck.guests.app and potluck.app.test_client().get("/guests").status_code == 404
