from app import create_app, caption_text
a, b = create_app({"STATION": "<A>"}), create_app()
assert "&lt;A&gt;" in a.test_client().get("/").text and "Summit" in b.test_client().get("/").text
with a.app_context(): assert caption_text() == "Measured at <A>"
with b.app_context(): assert caption_text() == "Measured at Summit"
print("ok")
