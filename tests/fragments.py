"""What a notebook makes of the HTML of an output: elements and text, by the standard library's parser."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"img", "br", "hr", "mspace", "meta", "input"}


@dataclass
class Element:
    """An element with what is in it."""

    tag: str
    attributes: dict
    children: list = field(default_factory=list)

    def all(self, tag):
        """Return the elements of this name in it, in order."""
        found = []
        for child in self.children:
            if isinstance(child, Element):
                found += [child] * (child.tag == tag) + child.all(tag)
        return found

    @property
    def text(self):
        """All text in it."""
        return "".join(child if isinstance(child, str) else child.text for child in self.children)


class _Builder(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(set(names)) == len(names), f"{tag} has an attribute twice"
        element = Element(tag, dict(attributes))
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attributes):
        self.open[-1].children.append(Element(tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, text):
        self.open[-1].children.append(text)


def parsed(html):
    """Return the root of HTML in which every element is closed where it should be, and none is a script."""
    builder = _Builder()
    builder.feed(html)
    builder.close()
    assert len(builder.open) == 1, f"<{builder.open[-1].tag}> is not closed"
    (root,) = builder.open
    assert not root.all("script")
    assert not [e for e in _every(root) for name in e.attributes if name.startswith("on")]
    return root


def _every(element):
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from _every(child)
