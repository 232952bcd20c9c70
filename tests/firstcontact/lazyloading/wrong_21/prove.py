from app import create_app

c = create_app().test_client()
assert c.get("/report").status_code == 500      # asked first
assert c.get("/accounts").status_code == 200    # imports the module with the filter
assert c.get("/report").status_code == 200      # now it works
c = create_app().test_client()
assert c.get("/").status_code == 200
print("proved")
