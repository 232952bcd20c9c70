import re
from app import app
t = app.test_client().get("/prices").text
print(re.findall(r"<tr>.*?</tr>", t))
assert "Puncture" not in t and "75" not in t
