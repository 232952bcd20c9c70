"""Packages, each with one believable mistake."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from conformance import Subject
from tests.proof import mutant
from tests.variants.packages import FLIT, SETUPTOOLS, package

ROOT = Path(__file__).parents[2]

APP = "from flask import Flask\napp = Flask(__name__)\nfrom . import views\n"

FACTORY = "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n"

#: A right package, as in the docs.
RIGHT = {
    "__init__.py": APP,
    "views.py": """
        from flask import render_template
        from . import app

        @app.get("/")
        def index():
            return render_template("index.html")
        """,
    "templates/index.html": "home",
    "static/style.css": "body {}",
}

#: A blueprint with a page, templates and static files of its own.
PART = """
    from flask import Blueprint, render_template
    bp = Blueprint("{0}", __name__, template_folder="templates", static_folder="static",
                   url_prefix={1!r})

    @bp.get("/{0}")
    def index():
        return render_template("{2}")
    """


def changed(files: dict[str, str], pyproject: str | None = None, **how: Any) -> Subject:
    """The right package with some files that are other ones."""
    return package({**RIGHT, **files}, pyproject, **how)


@mutant("import-exposes-app", says="as its import name is 'my shop'", also=["assets-any-cwd"])
def name_typed_in() -> Subject:
    """The import name is typed in, and is that of no package."""
    return changed({"__init__.py": APP.replace("__name__", "'my shop'")})


@mutant("import-exposes-app", says="cannot import name 'app' from partially")
def views_above_the_app() -> Subject:
    """A formatter sorted the import of the views to the top."""
    return changed(
        {"__init__.py": "from flask import Flask\nfrom . import views\napp = Flask(__name__)\n"}
    )


@mutant("routes-after-bare-import", says="importing every submodule adds / GET")
def views_not_imported() -> Subject:
    """The module with the views is imported by nobody."""
    return changed({"__init__.py": "from flask import Flask\napp = Flask(__name__)\n"})


@mutant("routes-after-bare-import", says="can no longer be called")
def views_of_a_blueprint_not_imported() -> Subject:
    """A blueprint is registered, and the module with its views is imported by nobody."""
    return changed(
        {
            "__init__.py": APP + "from . import blog\napp.register_blueprint(blog.bp)\n",
            "blog/__init__.py": "from flask import Blueprint\nbp = Blueprint('blog', __name__)\n",
            "blog/views.py": "from . import bp\n@bp.get('/blog')\ndef index():\n    return 'blog'\n",
        }
    )


@mutant("import-any-module-first", says="/forms.py:2")
def circle() -> Subject:
    """Two modules import each other; it works from the end that the factory begins with."""
    return package(
        {
            "__init__.py": FACTORY
            + "    from . import forms, models\n"
            + "    app.add_url_rule('/', view_func=models.index)\n"
            + "    return app\n",
            "models.py": """
                from . import forms

                class User:
                    pass

                def index():
                    return forms.UserForm.of.__name__
                """,
            "forms.py": """
                from .models import User

                class UserForm:
                    of = User
                """,
        },
        app="NAME:create_app",
    )


@mutant("import-any-module-first", says="create_app to provide an app after")
def first_come_first() -> Subject:
    """Parts note themselves when they are imported, and the factory counts on their order."""
    return package(
        {
            "__init__.py": FACTORY
            + """
    from . import found
    from . import blog, shop
    main = found.PARTS[0]
    if main != "blog":
        raise RuntimeError(f"{main} has no start page")
    app.add_url_rule("/", main, str)
    return app
""",
            "found.py": "PARTS = []\n",
            "blog.py": "from .found import PARTS\nPARTS.append('blog')\n",
            "shop.py": "from .found import PARTS\nPARTS.append('shop')\n",
        },
        app="NAME:create_app",
    )


@mutant("single-app", says="/views.py:")
def imported_from_init() -> Subject:
    """The views import from `package.__init__`, a second module of the same file."""
    return changed(
        {"views.py": RIGHT["views.py"].replace("from . import", "from .__init__ import")}
    )


@mutant("single-app", says="nothing serves its / GET")
def another_app() -> Subject:
    """The views are decorated with an app of their own."""
    views = RIGHT["views.py"].replace("from . import app", "from flask import Flask")
    return changed({"views.py": views.replace("Flask\n", "Flask\n        app = Flask(__name__)\n")})


@mutant("single-app", says="called by shop_")
def app_of_the_jobs() -> Subject:
    """The module of jobs makes an app like the first, which keeps an outbox of its own."""
    return changed(
        {
            "__init__.py": FACTORY
            + "    app.outbox = []\n    from . import views\n"
            + "    app.add_url_rule('/', view_func=views.index)\n    return app\n"
            + "app = create_app()\nfrom . import jobs\n",
            "views.py": """
                from flask import render_template

                def index():
                    return render_template("index.html")
                """,
            "jobs.py": "from . import create_app\napp = create_app()\n",
        },
        app="NAME:app",
        apps=1,
    )


@mutant("assets-any-cwd", says="the static folder of the app is")
def static_from_the_working_directory() -> Subject:
    """The folder of static files is given as it is seen from where the server is started."""
    relative = os.path.relpath(ROOT / "reference" / "packages" / "guestbook" / "static")
    return changed(
        {
            "__init__.py": f"""
                import os
                from flask import Flask
                app = Flask(__name__, static_folder=os.path.abspath({relative!r}))
                from . import views
                """
        }
    )


@mutant("assets-any-cwd", says="GET / to find its file")
def read_from_the_package() -> Subject:
    """A page reads a file as it is seen from the package's own folder."""
    return changed(
        {
            "views.py": """
                from . import app

                @app.get("/")
                def index():
                    with open("static/style.css") as file:
                        return file.read()
                """
        }
    )


@mutant("assets-any-cwd", says="TemplateNotFound: index.html")
def app_in_a_subpackage() -> Subject:
    """The app is made in a subpackage, and its templates stay where the others are."""
    return changed(
        {
            "__init__.py": "from .core import app\nfrom . import views\n",
            "core/__init__.py": "from flask import Flask\napp = Flask(__name__)\n",
        }
    )


@mutant("assets-any-cwd", says="static, and the app serves those in")
def static_left_behind() -> Subject:
    """The app is made in a subpackage; its templates were found again, its static files were not."""
    return changed(
        {
            "__init__.py": "from .core import app\nfrom . import views\n",
            "core/__init__.py": "from flask import Flask\n"
            "app = Flask(__name__, template_folder='../templates')\n",
        }
    )


@mutant("cli-finds-app", says="flask took the object 'app' in the module")
def another_app_is_found() -> Subject:
    """An app from before the factory is left over, and found first."""
    factory = FACTORY + "    app.add_url_rule('/', 'home', str)\n    return app\n"
    return package({"__init__.py": factory + "app = Flask(__name__)\n"}, app="NAME:create_app")


@mutant("installs", says="version must be specified")
def no_version() -> Subject:
    """The metadata has a name and nothing else, as in the docs."""
    return changed({}, "\n".join(line for line in FLIT.splitlines() if "version" not in line))


@mutant("dependencies-declared", says="flask is not declared; shop_")
def nothing_declared() -> Subject:
    """What the package imports is installed in the developer's environment, and nowhere declared."""
    return changed({}, FLIT.replace('"flask"', ""))


@mutant("dependencies-declared", says="celery is not declared")
def library_of_a_part_not_declared() -> Subject:
    """What the factory imports, and no dependency brings along, is not declared."""
    return package(
        {
            "__init__.py": FACTORY
            + "    from . import tasks\n    app.add_url_rule('/', 'home', str)\n    return app\n",
            "tasks.py": "from celery import shared_task\n",
        },
        FLIT,
        app="NAME:create_app",
    )


@mutant("wheel-has-assets", says="[tool.setuptools.package-data]")
def no_package_data() -> Subject:
    """The build backend takes Python files alone, and nobody told it of the rest."""
    return changed({}, SETUPTOOLS + '    [tool.setuptools]\n    packages = ["NAME"]\n')


@mutant("wheel-has-assets", says="from the wheel GET /static/style.css gives 404")
def no_static_files() -> Subject:
    """The build backend was told of the templates, and not of the static files."""
    data = '    [tool.setuptools.package-data]\n    NAME = ["templates/*"]\n'
    return changed({}, SETUPTOOLS + '    [tool.setuptools]\n    packages = ["NAME"]\n' + data)


@mutant("wheel-has-assets", says="to provide its app from the wheel alone")
def no_subpackage() -> Subject:
    """The list of packages lacks a new one."""
    return changed(
        {
            "__init__.py": APP + "from .blog import posts\n",
            "blog/__init__.py": "",
            "blog/posts.py": "",
        },
        SETUPTOOLS
        + '    [tool.setuptools]\n    packages = ["NAME"]\n'
        + '    [tool.setuptools.package-data]\n    NAME = ["templates/*", "static/*"]\n',
    )


@mutant("unique-endpoints", says="'index' is shop_", also=["import-exposes-app"])
def same_name_in_two_modules() -> Subject:
    """Two modules of views both have an `index`."""
    return changed(
        {
            "__init__.py": APP + "from . import blog\n",
            "blog.py": RIGHT["views.py"].replace('"/"', '"/blog"'),
        }
    )


def parts(one: str, other: str, **files: str) -> Subject:
    """A package of two blueprints."""
    register = "".join(
        f"from . import {name}\napp.register_blueprint({name}.bp)\n" for name in ("blog", "wiki")
    )
    named = {path.replace("__", "/").replace("_html", ".html"): t for path, t in files.items()}
    return changed(
        {
            "__init__.py": APP + register,
            "blog/__init__.py": one,
            "wiki/__init__.py": other,
            "blog/static/style.css": "p {}",
            "wiki/static/style.css": "a {}",
            **named,
        }
    )


@mutant("unique-routes", says="GET /news is blog.news and shadows wiki.news")
def same_url_in_two_blueprints() -> Subject:
    """Two blueprints have a view for the same URL."""
    part = """
        from flask import Blueprint
        bp = Blueprint("{}", __name__)

        @bp.get("/news")
        def news():
            return __name__
        """
    return parts(part.format("blog"), part.format("wiki"))


@mutant("blueprint-assets", says="page.html of the blueprint wiki is shadowed by blog/templates")
def same_template_in_two_blueprints() -> Subject:
    """Two blueprints each have a `page.html` that no folder keeps apart."""
    return parts(
        PART.format("blog", "/b", "page.html"),
        PART.format("wiki", "/w", "page.html"),
        blog__templates__page_html="blog",
        wiki__templates__page_html="wiki",
    )


@mutant("blueprint-assets", says="the blueprint blog's file, returns another file")
def static_without_a_prefix() -> Subject:
    """A blueprint with static files has no prefix: the app's `/static` comes first."""
    return parts(
        PART.format("blog", None, "blog/page.html"),
        PART.format("wiki", "/w", "wiki/page.html"),
        blog__templates__blog__page_html="blog",
        wiki__templates__wiki__page_html="wiki",
    )


@mutant("links-resolve", says="not registered: blog/__init__.py:")
def link_without_a_dot() -> Subject:
    """A view moved into a blueprint, and the link to it stayed."""
    return parts(
        """
        from flask import Blueprint, url_for
        bp = Blueprint("blog", __name__, url_prefix="/blog")

        @bp.get("/")
        def index():
            return url_for("about")

        @bp.get("/about")
        def about():
            return "about"
        """,
        PART.format("wiki", "/w", "wiki/page.html"),
        wiki__templates__wiki__page_html="wiki",
    )


@mutant("import-inert", says="started a server (shop_")
def runs_at_import() -> Subject:
    """`app.run()` stands at the end of the file, as in an app of one module."""
    return changed({"__init__.py": APP + "app.run()\n"})


@mutant("import-inert", says="wrote app.log (shop_")
def log_at_import() -> Subject:
    """A log file is opened by the import."""
    return changed(
        {
            "__init__.py": APP
            + "import logging, os\n"
            + "log = os.path.join(app.root_path, 'app.log')\n"
            + "app.logger.addHandler(logging.FileHandler(log))\n"
        }
    )


PAGES = """
    from . import app

    try:
        from {0} import total
    except ImportError:
        total = None

    if total is not None:
        app.add_url_rule("/harvest", "harvest", total)
    """


@mutant("own-imports-work", says="No module named 'shop_")
def misspelt_module() -> Subject:
    """A module of the package is misspelt, and the error taken for a library that is missing."""
    return changed(
        {
            "__init__.py": APP + "from . import pages\n",
            "pages.py": PAGES.format(".harvests"),
            "harvest.py": "def total():\n    return '120'\n",
        }
    )


@mutant("own-imports-work", says="cannot import name 'total' from 'shop_")
def misspelt_name() -> Subject:
    """The module is there, and the name that is taken from it is not."""
    return changed(
        {
            "__init__.py": APP + "from . import pages\n",
            "pages.py": PAGES.format(".harvest"),
            "harvest.py": "def totals():\n    return '120'\n",
        }
    )


@mutant("own-imports-work", says="cannot import name 'Form' from 'shop_")
def parts_looked_for() -> Subject:
    """Parts without views are passed over, and so are those whose views fail to import."""
    return changed(
        {
            "__init__.py": APP
            + """
import importlib

for part in ("blog", "shop"):
    try:
        importlib.import_module(f"{__name__}.{part}.views")
    except ImportError:
        continue
""",
            "blog/__init__.py": "",
            "blog/views.py": "from .forms import Form\n",
            "blog/forms.py": "",
            "shop/__init__.py": "",
        }
    )


@mutant("debug-not-forced", says="debug is switched on at shop_")
def debug_in_the_source() -> Subject:
    """Debug mode is switched on where the app is made."""
    return changed({"__init__.py": APP + "app.debug = True\n"})


@mutant("debug-not-forced", says="SECRET_KEY is in the source (shop_")
def key_in_the_source() -> Subject:
    """The key that signs sessions is written down in the package."""
    return changed({"__init__.py": APP + "app.config.update(SECRET_KEY='dev')\n"})


@mutant("import-idempotent", says="View function mapping is overwriting")
def looked_for_and_then_made() -> Subject:
    """A function looks whether the app is there, and makes it after that, without a lock."""
    return package(
        {
            "__init__.py": """
                from flask import Flask

                made = None

                def get_app():
                    global made
                    if made is None:
                        made = Flask(__name__)
                        made.add_url_rule("/", "home", lambda: "home")
                    return made

                def __getattr__(name):
                    if name != "app":
                        raise AttributeError(name)
                    return get_app()
                """
        },
        app="NAME:app",
    )


@mutant("import-idempotent", says="expected  the same app in all threads")
def made_when_first_asked_for() -> Subject:
    """The module makes its app when that is first asked for, without a lock."""
    return package(
        {
            "__init__.py": """
                from flask import Flask

                def __getattr__(name):
                    if name != "app":
                        raise AttributeError(name)
                    made = Flask(__name__)
                    made.add_url_rule("/", "home", lambda: "home")
                    globals()["app"] = made
                    return made
                """
        },
        app="NAME:app",
    )
