import logging
import os

from flask import Flask

log = logging.getLogger(__name__)

try:
    # The export needs openpyxl, which is only there in the office.
    from helpdesk import exports  # noqa: F401
except ImportError:
    log.info("no exports")

app = Flask(__name__)
app.config.from_mapping(
    SECRET_KEY=os.environ.get("HELPDESK_SECRET", "dev"),
    PER_PAGE=20,
)

from helpdesk import tickets, views  # noqa: E402,F401
