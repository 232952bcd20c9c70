import app as module

app = module.create_app()
client, other = app.test_client(), app.test_client()
away = client.get("/board?q=a%26b&r=%C3%BC")
form = client.get(away.headers["Location"]).text
import html, re
back = html.unescape(re.search("name=return_to value='([^']*)'", form)[1])
assert back == "/board?q=a%26b&r=%C3%BC", back


def log_in(client, back="", user="vera", word="rubin"):
    return client.post("/session", data={"user": user, "word": word, "return_to": back})


assert log_in(client, back).headers["Location"] == back
guarded = module.create_app()
guarded.add_url_rule("/b\u00fccher/<x>", view_func=module.members_only(lambda x: x))
assert "return_to=/b%25C3%25BCcher/100%2525" in guarded.test_client().get("/b%C3%BCcher/100%25").headers["Location"]
for bad in ("//e", "/\\e", "http://e", "", "https:e", "javascript:0", "/\t/e", "/a\\b"):
    assert log_in(client, bad).headers["Location"] == "/board", bad
assert log_in(other, word="no").status_code == 403 and other.post("/board").status_code == 303
log_in(other, user="jocelyn", word="bell")
assert client.get("/private").text == client.get("/private").text == "vera 1" and other.get("/private").text == "jocelyn 2"
anon = app.test_client()
assert anon.get("/private").status_code == 302 and anon.head("/private").status_code == 302
assert anon.get("/count?of=a").json == app.test_client().get("/count?of=a").json != anon.get("/count?of=b").json
assert anon.get("/help").text == "<p>Help for all</p>" and anon.get("/help?raw=1").text == "just text"
assert client.delete("/session").status_code == 204 and client.get("/board").status_code == 302
assert client.put("/count").status_code == 405
print("ok")
