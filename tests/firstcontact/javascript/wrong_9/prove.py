import json, re
from bs4 import BeautifulSoup
from app import create_app
c = create_app().test_client()
name = "O'Neill' onmouseover='alert(1)"
page = c.get("/", query_string={"player": name}).text
board = BeautifulSoup(page, "html.parser").find(id="board")
assert "onmouseover" in board.attrs, board.attrs
raw = re.search(r"const quiz = (.*);", page).group(1)
assert json.loads(raw)["player"] == name       # the script element is right
assert "</script>" not in c.get("/?player=</script>").text.split("const quiz")[1].split("\n")[0]
print("proved: an apostrophe ends the data attribute")
