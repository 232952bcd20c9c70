STATIONS = {"ZRH": "Zürich HB", "GVA": "Genève"}
