import sys
from werkzeug.exceptions import NotFound
from app import create_app
from clinic.lazy import LazyView

app = create_app()
assert "clinic.front" not in sys.modules and "clinic.appointments" not in sys.modules
c = app.test_client()
for path in ("/", "/staff/amara", "/appointments", "/appointments/2026-03-02"):
    assert c.get(path).status_code == 200, path
for broken in ("clinic.no_such_module.view", "clinic.front.no_such_function"):
    try:
        LazyView(broken)()
    except NotFound:
        pass
    else:
        raise AssertionError("an import that fails was not hidden")
print("proved")
