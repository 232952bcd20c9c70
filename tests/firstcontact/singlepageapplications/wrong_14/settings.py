import os

DATABASE_PASSWORD = os.environ.get("DATABASE_PASSWORD", "hunter2")
