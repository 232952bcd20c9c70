from flask import render_template_string


def directory():
    return render_template_string("<h1>Members</h1><p>You are {{ current_user.id }}</p>")
