from gazette import create_app

app = create_app()
