"""The style sheets are one: what a class looks like by itself is said in one place."""

import re
from collections import defaultdict
from pathlib import Path

STYLES = Path(__file__).parent.parent / "assets" / "styles"
BY_ITSELF = re.compile(r"\.([a-z0-9-]+) \{")


def test_no_two_things_have_the_name_of_one_class():
    places = defaultdict[str, list[str]](list)
    for sheet in sorted(STYLES.glob("*.css")):
        before = ""
        for number, line in enumerate(sheet.read_text().splitlines(), 1):
            # what is indented stands in a media query; what follows a comma is said of several
            if (found := BY_ITSELF.fullmatch(line)) and not before.endswith(","):
                places[found[1]].append(f"{sheet.name}:{number}")
            before = line
    assert len(places) > 100
    assert {name: where for name, where in places.items() if len(where) > 1} == {}
