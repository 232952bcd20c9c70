from flask_caching import Cache

PAPERS = {"le-monde": ("Le Monde", "fr"), "el-pais": ("El País", "es")}
cache = Cache()
