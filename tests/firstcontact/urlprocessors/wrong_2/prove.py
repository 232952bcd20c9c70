import re
from app import create_app
t = create_app().test_client().get("/en/terms").text
link = re.search(r'hreflang="fr" href="([^"]+)"', t)[1]
print("the link to the French page:", link)
assert link == "/en/terms"
