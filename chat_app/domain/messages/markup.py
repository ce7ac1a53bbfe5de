"""The little Markdown that messages may have, as a tree for the screen; and the names they call.

Lines that begin with `>` are quotes, lines between ``` are code; all else is words with bold, italic, strike, code and
links, which markdown-it finds. Nothing of a message is ever HTML, and no tree is deeper than `DEEPEST`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.token import Token

from chat_app.domain.common.values import fold

Node = str | list[Any]
"""Words, or a list: a kind, for `a` its address, for `@` whose name it is, for `pre` the language, then what is in it.

Kinds: b, i, s, c (code), pre (lines of code), q (quote), a (link), @ (mention).
"""

DEEPEST = 8
"""Kinds within one another; what is deeper is only words."""

DEEPEST_QUOTE = 4
"""Quotes within one another; a `>` more is only a sign."""

LONGEST_ADDRESS = 2000

SIGNS = "*_~`[<:"
MOST_SIGNS = 400
"""Of these in one piece; with more it is only words: nobody reads them, and looking for their pairs takes long."""

MOST_ADDRESSES = 50
"""In one piece, as above: at each the rest of the words is looked at anew."""

MARKED = re.compile(r"[*_~`]|^[ ]{0,3}>|https?://|mailto:|\]\(|<\w+:", re.IGNORECASE | re.MULTILINE)
"""Without any of these a message is plain words: most are, and cost no parsing."""

FENCE = re.compile(r"[ ]{0,3}```[ ]*([^\s`]*)[ ]*")
QUOTED = re.compile(r"[ ]{0,3}>[ ]?")
NAME = re.compile(r"(?<![\w@./:])@([\w.]{3,32})(?!\w)")
ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s\x00-\x1f\x7f]+", re.IGNORECASE)
KINDS = {"strong_open": "b", "em_open": "i", "s_open": "s"}


def parts_of(text: str, names: Mapping[str, str] | None = None) -> list[Node] | None:
    """The tree of a message; None of plain words. `names` are those it calls, folded, and whose they are: an id, or
    nothing for all members."""
    if not names and not MARKED.search(text):
        return None
    return _parts(text, tuple((names or {}).items()))


def plain_of(text: str) -> str:
    """The words of a message without its marks: for previews and quotes."""
    parts = parts_of(text)
    return text if parts is None else "".join(_words(parts)).strip()


def names_in(text: str) -> list[str]:
    """The names that a message calls, folded, each once; none out of code or links. A name at the end of a sentence is
    there with its dots and without."""
    leaves: Sequence[str] = [text]
    if MARKED.search(text):
        leaves = list(_spoken(_parts(text, ())))
    found = (spelling for leaf in leaves for match in NAME.finditer(leaf) for spelling in _spellings(match[1]))
    return list(dict.fromkeys(found))


def _spellings(name: str) -> list[str]:
    return [fold(name), fold(name.rstrip("."))]


# history is read again and again; what is drawn of the same words is the same
@lru_cache(maxsize=512)
def _parts(text: str, names: tuple[tuple[str, str], ...]) -> list[Node]:
    parts = _blocks(text.split("\n"), 0)
    return _called(parts, dict(names)) if names else parts


def _blocks(lines: list[str], depth: int) -> list[Node]:
    """Quotes, code and the words between them. Line ends are kept, but where a block ends a line by itself."""
    parts: list[Node] = []
    at = 0
    while at < len(lines):
        end, block = _block_at(lines, at, depth)
        if block is not None:
            parts.append(block)
            at = end
            continue
        end = at + 1
        while end < len(lines) and not _begins_block(lines, end, depth):
            end += 1
        parts += _inline("\n".join(lines[at:end]))
        at = end
    return parts


def _begins_block(lines: list[str], at: int, depth: int) -> bool:
    if QUOTED.match(lines[at]):
        return depth < DEEPEST_QUOTE
    return bool(FENCE.fullmatch(lines[at]))


def _block_at(lines: list[str], at: int, depth: int) -> tuple[int, Node | None]:
    if not _begins_block(lines, at, depth):
        return at, None
    end = at + 1
    if QUOTED.match(lines[at]):
        while end < len(lines) and QUOTED.match(lines[end]):
            end += 1
        inside = [QUOTED.sub("", line, count=1) for line in lines[at:end]]
        return end, ["q", *_blocks(inside, depth + 1)]
    opening = FENCE.fullmatch(lines[at])
    while end < len(lines) and lines[end].strip() != "```":
        end += 1
    language = opening[1] if opening else ""
    # one that is never closed goes on to the end, as everywhere
    return end + 1, ["pre", language[:32], "\n".join(lines[at + 1 : end])]


def _inline(text: str) -> list[Node]:
    if not text:
        return []
    if not MARKED.search(text) or sum(map(text.count, SIGNS)) > MOST_SIGNS or text.count("://") > MOST_ADDRESSES:
        return [text]
    (token,) = PARSER.parseInline(text)
    return _tree(token.children or [])


def _tree(tokens: Sequence[Token]) -> list[Node]:
    """markdown-it's flat list of openings and closings as a tree."""
    top: list[Node] = []
    # what is open, each with where its contents begin
    open_ = [(top, 0)]
    for token in tokens:
        here, first = open_[-1]
        match token.nesting:
            case 1 if len(open_) > DEEPEST:
                # its words stay where they stand
                open_.append((here, first))
            case 1:
                node = _opened(token)
                here.append(node)
                open_.append((node, len(node)))
            case -1:
                open_.pop()
            case _ if token.type == "code_inline":
                here.append(["c", token.content])
            case _ if len(here) > first and isinstance(here[-1], str):
                here[-1] += token.content
            case _ if token.content:
                here.append(token.content)
            case _:
                pass
    return top


def _opened(token: Token) -> list[Any]:
    return ["a", str(token.attrs["href"])] if token.type == "link_open" else [KINDS[token.type]]


def _called(parts: list[Node], names: Mapping[str, str]) -> list[Node]:
    """The same tree, with the names called as nodes of their own."""
    called: list[Node] = []
    for node in parts:
        if isinstance(node, str):
            called += _split(node, names)
        elif node[0] in {"c", "pre", "a"}:
            called.append(node)
        else:
            called.append([node[0], *_called(node[1:], names)])
    return called


def _split(words: str, names: Mapping[str, str]) -> Iterator[Node]:
    at = 0
    for match in NAME.finditer(words):
        whole, bare = _spellings(match[1])
        name = match[1] if whole in names else match[1].rstrip(".")
        person = names.get(whole, names.get(bare))
        if person is None:
            continue
        if match.start() > at:
            yield words[at : match.start()]
        yield ["@", person, f"@{name}"]
        at = match.start() + 1 + len(name)
    if at < len(words):
        yield words[at:]


def _spoken(parts: Sequence[Node]) -> Iterator[str]:
    """The words outside code and links."""
    for node in parts:
        if isinstance(node, str):
            yield node
        elif node[0] not in {"c", "pre", "a"}:
            yield from _spoken(node[1:])


def _words(parts: Sequence[Node]) -> Iterator[str]:
    """All the words."""
    for node in parts:
        if isinstance(node, str):
            yield node
        else:
            # what stands on lines of its own does so without its marks as well
            ends = "\n" if node[0] in {"q", "pre"} else ""
            yield ends
            yield from _words(node[2:] if node[0] in {"a", "@", "pre"} else node[1:])
            yield ends


def _leads_somewhere(url: str) -> bool:
    return len(url) <= LONGEST_ADDRESS and ADDRESS.fullmatch(url) is not None


def _as_typed(link: str) -> str:
    return link


def _encoded(url: str) -> str:
    # of what is too long to be an address nothing is encoded to be refused then
    return normalizeLink(url) if len(url) <= LONGEST_ADDRESS else ""


def _parser() -> MarkdownIt:
    parser = MarkdownIt("zero", {"linkify": True, "maxNesting": 40})
    parser.enable(["escape", "backticks", "strikethrough", "emphasis", "link", "autolink", "linkify"])
    parser.validateLink = _leads_somewhere
    # as it was typed: an address that looks like another one must not look better than it is
    parser.normalizeLinkText = _as_typed
    parser.normalizeLink = _encoded
    finder: Any = parser.linkify
    finder.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    for scheme in ("ftp:", "//"):
        finder.add(scheme, None)
    return parser


PARSER = _parser()
