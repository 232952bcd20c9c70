import re
from app import app
c = app.test_client()
url = re.search(r'more_url = "(.*)"', c.get("/?q=sea").text).group(1)
assert "&amp;page=2" in url, url
assert c.get(url).json["page"] == 1                       # as the script would fetch it
assert c.get(url.replace("&amp;", "&")).json["page"] == 2
print("proved: the script fetches", url)
