"""The home page of a site: what povstats answers, some pictures, the notebooks, every exhibit with its files."""

import html
from collections.abc import Iterator, Sequence
from itertools import groupby
from string import Template
from typing import Any

from povstats.files import PACKAGE
from povstats.reproduce.site.story import downloads
from povstats.words import Lang, say

_PLACE = PACKAGE / "reproduce" / "site"


def home(
    titles: dict[str, str],
    places: dict[str, str],
    manifests: Sequence[dict[str, Any]],
    front: Sequence[str],
    lang: Lang,
) -> str:
    """Give the home page as Markdown.

    Parameters
    ----------
    titles : the notebooks' titles by name, in their order.
    places : where a notebook's page shows an exhibit, by its id.
    manifests : of all exhibits that can be downloaded, in the order of their notebooks.
    front : the ids of the exhibits whose pictures stand on the page.
    lang : of the page.
    """
    mine = [manifest for manifest in manifests if lang in manifest["languages"]]
    known = {manifest["id"]: manifest for manifest in mine}
    page = Template((_PLACE / f"home.{lang}.md").read_text(encoding="utf-8"))
    return page.substitute(
        pictures="\n".join(_picture(known[id], places, lang) for id in front if id in known),
        notebooks="\n".join(f"- [{title}]({name}.ipynb)" for name, title in titles.items()),
        exhibits="\n".join(_tables(mine, titles, places, lang)),
        tree=_tree(titles),
    )


def _picture(manifest: dict[str, Any], places: dict[str, str], lang: Lang) -> str:
    """Give an exhibit's picture, which leads to the place where its notebook shows it."""
    picture = f"{manifest['id']}.{lang}.png"
    if picture not in manifest["files"]:
        return ""
    title = html.escape(manifest["title"][lang])
    image = f'<img src="../exhibits/{picture}" alt="{title}" loading="lazy">'
    return f"<figure>{_linked(manifest, places, image)}<figcaption>{title}</figcaption></figure>"


def _tables(
    manifests: Sequence[dict[str, Any]], titles: dict[str, str], places: dict[str, str], lang: Lang
) -> Iterator[str]:
    """Give one table for the exhibits of each notebook."""
    heads = "".join(f"<th>{say(f'reproduce.{key}', lang)}</th>" for key in ("exhibit", "data", "files"))
    for name, group in groupby(manifests, key=lambda manifest: manifest["notebook"]):
        rows = "".join(f"<tr>{_row(manifest, places, lang)}</tr>" for manifest in group)
        caption = html.escape(titles.get(name, name))
        yield f'<table class="exhibits"><caption>{caption}</caption><tr>{heads}</tr>{rows}</table>'


def _row(manifest: dict[str, Any], places: dict[str, str], lang: Lang) -> str:
    title = _linked(manifest, places, html.escape(manifest["title"][lang]))
    data = say(f"reproduce.{manifest['data']}", lang)
    return f'<td>{title}</td><td class="data">{data}</td><td class="downloads">{downloads(manifest, lang)}</td>'


def _linked(manifest: dict[str, Any], places: dict[str, str], what: str) -> str:
    """Link to the exhibit's place in its notebook, where a page shows it."""
    place = places.get(manifest["id"])
    return what if place is None else f'<a href="{place}">{what}</a>'


def _tree(titles: dict[str, str]) -> str:
    """Give Sphinx the order of the pages."""
    names = "\n".join(titles)
    return f"```{{toctree}}\n:hidden:\n\n{names}\n```" if titles else ""
