import hashlib
from app import create_app
app = create_app(); c, o = app.test_client(), app.test_client(); P = "/observatory"
assert c.get(P + "/dome").status_code == 403
c.post(P + "/door", data={"name": "vera", "word": "galaxy"})
c.post(P + "/log", data={"entry": "<i>ü"})
t = c.get(P + "/survey?q=<q>").text
assert "vera" in t and "&lt;i&gt;ü" in t and "<q>" not in t
assert "&lt;i&gt;" not in c.get(P + "/log").text
assert "vera" in c.get(P + "/").text and "vera" not in o.get(P + "/").text
r = c.post(P + "/plates", data={"entry": "a"})
assert hashlib.md5(b"entry=a").hexdigest() in r.text and "<p>a</p>" in r.text
c.delete(P + "/door"); assert c.get(P + "/dome").status_code == 403
print("ok")
