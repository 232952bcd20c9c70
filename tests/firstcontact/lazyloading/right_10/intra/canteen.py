from flask import Response


def menu():
    def rows():
        yield "day,meal\r\n"
        yield "Monday,Soup\r\n"

    return Response(rows(), mimetype="text/csv")
