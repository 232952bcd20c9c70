from flask_login import LoginManager, UserMixin

login = LoginManager()
login.login_view = "sign_in"


class Member(UserMixin):
    def __init__(self, name):
        self.id = name


@login.user_loader
def load_member(name):
    return Member(name) if name in {"ada", "grace"} else None
