from markupsafe import Markup


def year_range(years):
    first, last = years
    return str(first) if first == last else Markup("%s&ndash;%s") % (first, last)
