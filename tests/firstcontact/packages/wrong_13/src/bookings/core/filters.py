def hhmm(minutes):
    return f"{minutes // 60:02}:{minutes % 60:02}"
