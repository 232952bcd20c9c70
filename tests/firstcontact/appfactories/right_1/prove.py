from app import create_app
from verein.model import schild
a, b = create_app({"VEREIN": "A & B"}), create_app({"VEREIN": "C"})
assert a.test_client().post("/verwaltung/", data={"name": "Ö"}).status_code == 303
assert "<h1>A &amp; B</h1><p>1 M" in a.test_client().get("/").text
assert "<h1>C</h1><p>0 M" in b.test_client().get("/").text
with a.app_context(): assert schild().endswith("A & B")
print("ok")
