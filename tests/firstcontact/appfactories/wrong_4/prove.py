from app import create_app
create_app().test_client().get("/")
try:
    create_app()
except AssertionError as e:
    print("the second app:", str(e).splitlines()[0])
else:
    raise SystemExit("no error")
