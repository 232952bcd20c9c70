from flask_login import LoginManager, UserMixin

anmeldung = LoginManager()
anmeldung.login_view = "konto.anmelden"
anmeldung.login_message = "Bitte erst anmelden."


class Person(UserMixin):
    def __init__(self, name):
        self.id = name


@anmeldung.user_loader
def laden(name):
    return Person(name)
