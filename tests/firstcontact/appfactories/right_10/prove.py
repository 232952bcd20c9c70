from app import create_app, jingle

for app, name in [(create_app({"STATION_CALL": c}), c) for c in ("ONE", "TWO")] + [(create_app(), "RADIO NORD")]:
    response = app.test_client().get("/radio/bulletin/today")
    assert response.status_code == 203 and f"== {name} ==" in response.text
    assert app.test_client().get("/bulletin/today").status_code == 404
    with app.app_context():
        assert jingle.play().startswith(name + "!")
