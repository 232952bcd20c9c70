import pathlib, shutil, subprocess, sys, tempfile
with tempfile.TemporaryDirectory() as d:
    shutil.copy("app.py", d); shutil.copytree("templates", d + "/templates")
    code = "from app import create_app; r = create_app().test_client().get('/'); print(r.status, '<h1></h1>' in r.text)"
    out = subprocess.run([sys.executable, "-c", code], cwd=d, capture_output=True, text=True).stdout
    assert out.strip() == "200 OK True", out
print("without stop.cfg it starts all the same, and the stop has no name:", out.strip())
