from parcels import create_app
