import os, subprocess, sys
here = os.path.dirname(os.path.abspath(__file__))
code = ("from planner import app; c = app.test_client(); "
        "print([c.get(p).status_code for p in ('/', '/open', '/shifts.json')])")
env = dict(os.environ, PYTHONPATH=here)
run = lambda cwd: subprocess.run([sys.executable, "-c", code], cwd=cwd, env=env, check=True,
                                 capture_output=True, text=True).stdout.strip()
assert run(here) == "[200, 200, 200]"
assert run("/") == "[404, 404, 404]", run("/")
print("proved: started from another folder, no view is imported")
