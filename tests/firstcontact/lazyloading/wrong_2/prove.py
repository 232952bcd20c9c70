import sys

import app as module

import threading
import time
import types

view = module.LazyView("slow.hello")
sys.path.insert(0, __import__("tempfile").mkdtemp())
with open(sys.path[0] + "/slow.py", "w") as file:
    file.write("import time\ntime.sleep(0.5)\ndef hello(): return 'hello'\n")
first = threading.Thread(target=view)
first.start()
time.sleep(0.2)
try:
    view()
except TypeError as error:
    print("a second request while the first one imports:", error)
else:
    raise AssertionError
first.join()
