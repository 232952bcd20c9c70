import sys

import app as module

module.create_app()
assert {"shop.home", "shop.items", "shop.orders"} <= set(sys.modules)
print("imported by create_app:", sorted(m for m in sys.modules if m.startswith("shop.")))
