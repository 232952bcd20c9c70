from metering import app

application = app
