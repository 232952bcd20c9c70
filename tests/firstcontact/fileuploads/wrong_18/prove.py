import io, os, tempfile
from app import create_app
base = tempfile.mkdtemp(); folder = os.path.join(base, "in", "orders")
c = create_app({"ORDERS_DIR": folder}).test_client()
def up(name, data=b"x"): return c.post("/orders/new", data={"document": (io.BytesIO(data), name)})
up("../../plain.txt"); assert os.path.exists(os.path.join(folder, "plain.txt"))
up("....//....//evil.txt"); assert os.path.exists(os.path.join(base, "evil.txt"))
assert up("a b.txt").location == "/orders/files/a_b.txt"
assert c.get("/orders/files/a_b.txt").data == b"x"
