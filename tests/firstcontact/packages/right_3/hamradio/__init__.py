"""Repeaters and contacts of a radio club. The application is in hamradio.web."""
