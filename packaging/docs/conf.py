"""How Sphinx builds the guide; `packaging/documentation.py` lays out the pages that it reads."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]  # the extensions beside this file, and the package

from koopview import __version__  # noqa: E402

project = "KoopView"
author = "The KoopView authors"
project_copyright = "The KoopView authors, MIT licence"
release = version = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "twins"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["html"]

myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
myst_links_external_new_tab = False

# Docstrings are numpy's style. Their types are words for people ("float array (samples, states)"), not names to be
# looked up; what they refer to inside KoopView must be there.
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_preserve_defaults = True
autodoc_class_signature = "mixed"
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_use_param = False
napoleon_use_ivar = False
add_module_names = False
nitpicky = True
nitpick_ignore_regex = [(r"py:.*", r"(?!koopview\.).*")]

html_theme = "furo"
html_title = f"KoopView {version}"
html_static_path = [str(HERE / "static")]
html_css_files = ["guide.css"]
html_favicon = str(HERE.parents[1] / "resources" / "icons" / "koopview.svg")
smartquotes_action = "qe"  # quotes and ellipses, but no dashes: "--json" in a text is an option
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_last_updated_fmt = None
html_theme_options = {
    "light_css_variables": {
        "color-brand-primary": "#0072b2",
        "color-brand-content": "#0072b2",
        "color-brand-visited": "#0072b2",
    },
    "dark_css_variables": {
        "color-brand-primary": "#56b4e9",
        "color-brand-content": "#56b4e9",
        "color-brand-visited": "#56b4e9",
    },
    "top_of_page_buttons": [],
}
pygments_style = "friendly"
pygments_dark_style = "native"
