PARCELS = {17: {"to": "Łódź & Co", "shelf": "C"}, 23: {"to": "Åse", "shelf": "A"}}
