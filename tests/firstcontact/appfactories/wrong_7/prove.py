from app import create_app
create_app({"CANTEEN": "North wing"})
b = create_app()
assert b.config["CANTEEN"] == "North wing"
print("an app with defaults only is called:", b.config["CANTEEN"])
