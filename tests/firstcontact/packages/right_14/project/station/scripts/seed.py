"""station-seed, or python -m station.scripts.seed"""
from station import app
from station.db import Reading, db


def main():
    with app.app_context():
        db.session.add_all([Reading(place="Turku", celsius=-3.5), Reading(place="Vaasa", celsius=-6.0)])
        db.session.commit()


if __name__ == "__main__":
    main()
