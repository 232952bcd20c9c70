PLANTS = {
    1: {"name": "Primula veris", "place": "Meadow"},
    2: {"name": "Drosera rotundifolia", "place": "Bog"},
}
