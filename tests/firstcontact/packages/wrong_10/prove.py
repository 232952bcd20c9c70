from helpdesk import app
rules = lambda: {str(r) for r in app.url_map.iter_rules()}
before = rules()
assert "/" in before and "/export.csv" not in before
import helpdesk.exports
assert rules() - before == {"/export.csv"}

import subprocess, sys
code = "from helpdesk import app; c = app.test_client(); print(c.get('/').status_code, c.get('/export.csv').status_code)"
out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
assert out.split() == ["200", "404"], out
print("proved: the route of helpdesk.exports is only there if that is imported again later")
