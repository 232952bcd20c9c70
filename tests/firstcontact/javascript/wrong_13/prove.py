import re, shutil, subprocess
from app import create_app
c = create_app().test_client()
page = c.get("/").text
assert c.get("/fact").text.startswith('<p class="fact">')
assert re.search(r"response => response\.text\)", page) and "response.text()" not in page
if shutil.which("node"):
    script = page.split("<script>")[1].split("</script>")[0]
    code = """
    let click; const div = {innerHTML: "old"};
    globalThis.document = {getElementById: id => id == "another" ? {addEventListener: (_, f) => click = f} : div};
    globalThis.fetch = () => Promise.resolve(new Response("<p>new</p>"));
    %s
    click(); setTimeout(() => console.log(String(div.innerHTML)), 50)
    """ % script
    out = subprocess.run(["node", "-e", code], capture_output=True, text=True, check=True).stdout
    assert "new" not in out and "text()" in out, out
print("proved: the script inserts the method, not the text")
