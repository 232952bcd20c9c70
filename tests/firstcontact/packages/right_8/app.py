from choir import app
