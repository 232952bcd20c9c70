from app import create_app
c = create_app().test_client()
assert c.patch("/verleih/werkzeuge/1", json={"name": "Ü</script>", "anzahl": 2}).json["name"] == "Ü</script>"
assert c.patch("/verleih/werkzeuge/1", json=[1]).status_code == 400
assert c.patch("/verleih/werkzeuge/1", data="{}").status_code == 415
assert c.get("/verleih/werkzeuge/99").status_code == 404
assert create_app().test_client().get("/verleih/werkzeuge/1").json["name"] == "Bohrmaschine"
print("ok")
