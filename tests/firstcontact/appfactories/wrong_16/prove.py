from app import create_app

one, two = create_app({"STATION": "Alpha"}), create_app({"STATION": "Beta"})
assert one.test_client().post("/readings/", data={"value": "3"}).status_code == 201
assert "Alpha: new reading" in two.test_client().get("/readings/log").text  # another station's log
assert two.logger is one.logger and len(one.logger.handlers) >= 2
