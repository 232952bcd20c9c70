import app as module

app = module.create_app()
client = app.test_client()
read = []


def rows():
    for n in range(100):
        read.append(n)
        yield n, "a,\r\"b\"", None


module.readings = rows
response = client.get("/readings", buffered=False)
first = next(iter(response.response))
assert first == b'0,"a,\r""b""",\r\n' and len(read) <= 2, (first, read)
response.close()
assert client.get("/who", query_string={"who": "<'&"}).text.count("&lt;&#39;&amp;") == 2
with client.session_transaction() as s:
    s["user"] = "<ada>"
me = client.get("/me")
assert "&lt;ada&gt;" in me.text and me.headers.getlist("Vary") == ["Cookie"]
stream = client.get("/forever", buffered=False)
parts = iter(stream.response)
assert [next(parts) for _ in range(2)] == [b"0\n", b"1\n"]
stream.close()
assert client.head("/forever").status_code == 200
print("ok")
