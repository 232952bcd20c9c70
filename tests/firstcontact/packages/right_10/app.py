import caisse

app = caisse.application
