from app import create_app

one = create_app({"BOOK_TITLE": "One"})
two = create_app({"BOOK_TITLE": "Two"})
assert one.test_client().get("/book/").status_code == 200
assert "Two" in two.test_client().get("/about").text
assert two.test_client().get("/book/").status_code == 500  # no such table: entry
assert one.test_client().get("/book/").status_code == 200
