from app import create_app, seal_text
a, b = create_app(SCHOOL="A"), create_app({"SCHOOL": "B"})
with a.app_context(): assert seal_text() == "§ A §"
assert "<h1>B</h1>" in b.test_client().get("/notices").text
assert b.test_client().get("/api/notices").json["school"] == "B"
assert create_app().config["SCHOOL"] == "Elementary school"
print("ok")
