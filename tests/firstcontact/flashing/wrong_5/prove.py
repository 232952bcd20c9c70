from app import create_app
c = create_app().test_client()
c.post("/helper", data={"name": "ines", "password": "schraube"})
c.get("/status")
assert "Have fun" not in c.get("/").text
print("a poll of /status has eaten the message: no page ever shows it")
