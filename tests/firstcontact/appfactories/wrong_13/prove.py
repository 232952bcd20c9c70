from app import create_app

default = create_app()
assert "Grand Hotel" in default.test_client().get("/").text
other = create_app(HOTEL="Seaside Inn", ROOMS=3)
assert "Seaside Inn" in other.test_client().get("/").text
assert "Grand Hotel" in default.test_client().get("/").text
third = create_app()
page = third.test_client().get("/").text
assert "Seaside Inn" in page and "3 rooms" in page  # the default hotel is gone
