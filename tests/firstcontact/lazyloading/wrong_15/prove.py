import sys

from app import create_app

c = create_app().test_client()
assert "hostel.desk" not in sys.modules
assert c.post("/checkin", data={"name": "Ada"}).json == {"guests": 1}
assert c.post("/checkin", data={"name": "Bob"}).json == {"guests": 1}   # Ada is forgotten
import hostel.rooms
a = hostel.rooms.room
c.get("/rooms/3"); c.get("/rooms/3")
assert hostel.rooms.room is not a                                       # executed anew
