from werkzeug.test import Client
from app import application
t = Client(application).get("/dentist/").text
assert 'href="/contact"' in t
print("link on /dentist/:", t.splitlines()[-1])
