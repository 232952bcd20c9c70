try:
    import weasyprint
except ImportError:  # the extra "pdf" is not installed
    weasyprint = None


def available():
    return weasyprint is not None


def render(html):
    return weasyprint.HTML(string=html).write_pdf()
