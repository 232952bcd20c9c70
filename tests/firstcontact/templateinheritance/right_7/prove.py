from app import create_app

client = create_app().test_client()
for path in "/club/events", "/club/events/1", "/club/events?q=tea", "/club/events/99", "/<b>":
    page = client.get(path).text
    assert page.startswith("<!DOCTYPE html>") and "default.css" in page and "night.css" in page
    assert "<b>" not in page and page.count("<TITLE>") == 1 and "The Club</TITLE>" in page
page = client.get("/club/events?q=<script>x").text
assert "<script>" not in page.lower() and "&lt;script&gt;x" in page
page = client.get("/club/events/1").text
assert "Chess &amp; tea" in page and "&lt;your&gt;" in page and '"Chess \\u0026 tea"' in page
assert client.get("/club/events/99").status_code == 404
assert "night.css" not in create_app({"THEME": "default"}).test_client().get("/club/events").text
