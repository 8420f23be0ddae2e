"""Settings of Sphinx for one language's site; `build.py` names the language, and all that varies is in site.json."""

import json
import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from povstats.reproduce.site.bigrams import ChineseBigrams
from povstats.words import say

# jsonschema would spend seconds on compiling a grammar of web addresses, which the format of notebooks has none of;
# None stands for a package that is not installed, and this process is Sphinx's alone.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]

project = "povstats"
extensions = ["myst_nb"]
templates_path = ["templates"]
html_theme = "basic"
html_style = "povstats.css"
html_static_path = ["static"]
html_title = "povstats"
pygments_style = "default"

html_copy_source = False
html_use_index = False
html_domain_indices = False
html_permalinks = False

nb_execution_mode = "off"
nb_render_markdown_format = "gfm"
# maketables gives its tables in Typst too, which no browser shows; the HTML beside it is taken.
suppress_warnings = ["mystnb.unknown_mime_type"]

WORDS = ("contents", "home", "itself", "page_foot", "search", "search_hint", "skip")


def setup(app: Sphinx) -> None:
    """Register the Chinese search and what the layout needs."""
    app.add_search_language(ChineseBigrams)
    app.connect("html-page-context", _context)


def _context(app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Give the layout its words and the address of the page in the other language."""
    facts = json.loads((Path(app.srcdir) / "site.json").read_text(encoding="utf-8"))
    context["words"] = {key: say(f"reproduce.{key}", facts["lang"]) for key in WORDS}
    context["headings"] = context.get("display_toc", False) and pagename != "index"
    context["twin"] = None
    if facts["other"] is not None:
        page = pagename if pagename in facts["pages_there"] else "index"
        context["twin"] = {
            "address": f"../{facts['other']}/{page}.html",
            "name": say("reproduce.itself", facts["other"]),
        }
