"""Stadtbücherei: JSON-Schnittstelle unter /api/v1, Seiten auf Deutsch."""
from buecherei.anwendung import erstelle_app


def create_app():
    return erstelle_app()
