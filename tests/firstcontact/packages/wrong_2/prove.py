from quizmaster import create_app
try:
    create_app()
except ModuleNotFoundError as error:
    print("ModuleNotFoundError:", error)
else:
    raise SystemExit("it starts")
