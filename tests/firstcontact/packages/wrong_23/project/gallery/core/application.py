from flask import Flask

from gallery.core.filters import year_range

app = Flask(__name__, template_folder="../templates")
app.config["OPEN"] = "Tue to Sun, 10 to 18"
app.add_template_filter(year_range)
