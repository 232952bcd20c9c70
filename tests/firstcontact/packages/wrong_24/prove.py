from app import create_app
from building import build

c = create_app().test_client()
for path in ("/", "/berths/", "/berths/A1"):
    assert c.get(path).status_code == 200, path
site, log = build("flit_core.buildapi")
assert site is None and "harbour_booking" in log, log
print("proved")
