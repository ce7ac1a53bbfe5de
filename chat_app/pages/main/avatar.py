"""A person or a group as a disc with letters; its hue follows from the id, on every screen the same."""

from typing import Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar


def avatar(owner: rx.Var[str], title: rx.Var[str], *classes: str, square: rx.Var[bool] | bool = False) -> rx.Component:
    """`owner` is the id the hue comes from, `title` the name the letters come from."""
    return rx.el.span(
        _from_id("initialsOf", title),
        class_name=rx.cond(square, " ".join(["av", "sq", *classes]), " ".join(["av", *classes])),
        style={"--h": _from_id("hueOf", owner)},
        aria_hidden=True,
    )


def _from_id(function: str, argument: rx.Var[str]) -> rx.Var[Any]:
    data = VarData.merge(
        VarData(imports={"$/public/timeline": [ImportVar(tag=function)]}), argument._get_all_var_data()
    )
    return rx.Var(f"{function}({argument!s})", _var_data=data).to(str)
