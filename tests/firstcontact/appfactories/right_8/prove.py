from app import banner, create_app

one, two, three = create_app({"WEATHER_STATION": "One"}), create_app({"WEATHER_STATION": "Two"}), create_app()
for app, name in (one, "One"), (two, "Two"), (three, "Pole"):
    for _ in range(2):
        assert f'station="{name}"' in app.test_client().get("/forecast.xml").text
        with app.app_context():
            assert banner() == f"Weather at {name}"
    assert app.extensions["computed"] == 1
