"""Alle Adressen, an einer Stelle."""
VERZEICHNIS = {
    "start": ("/", "buecherei.ansichten.seiten.start", ["GET"]),
    "buecher": ("/api/v1/bücher", "buecherei.ansichten.buecher.alle", ["GET"]),
    "buch": ("/api/v1/bücher/<int:nummer>", "buecherei.ansichten.buecher.eines", ["GET"]),
    "ausleihe": ("/api/v1/ausleihen", "buecherei.ansichten.ausleihe.ausleihen", ["GET", "POST"]),
}
