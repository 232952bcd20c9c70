from app import create_app
c = create_app().test_client(); h = {"Accept-Language": "en"}
c.post("/language", data={"language": "cy"}, headers=h)
assert "Rain again" in c.get("/", headers=h).text and c.get_cookie("user_lang").value == "en"
print("chosen: cy; page and cookie: en")
