from app import create_app
a = create_app({"CLUB": "A"}); b = create_app({"CLUB": "B"})
assert a is b and b.config["CLUB"] == "A"
print("the second call returns the first app")
