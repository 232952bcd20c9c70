import os
from menuboard import create_app
app = create_app(); app.logger.disabled = True
c = app.test_client()
here = c.get("/").status_code
os.chdir("/")
there = c.get("/").status_code
print("in the project's folder:", here, "elsewhere:", there)
assert (here, there) == (200, 500)
