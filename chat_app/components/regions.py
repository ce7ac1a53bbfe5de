"""Countries for a phone number: two letters and the calling code. The browser knows their names in each language."""

from functools import cache

import phonenumbers
import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from chat_app.components.words import MODULE, reader_language


@cache
def calling_codes() -> dict[str, str]:
    """`{"RU": "+7", …}`, every country that has phone numbers."""
    regions = sorted(phonenumbers.SUPPORTED_REGIONS)
    return {region: f"+{phonenumbers.country_code_for_region(region)}" for region in regions}


def named_regions() -> rx.Var[list[list[str]]]:
    """`[["RU", "Россия +7"], …]` in the order of the reader's alphabet."""
    language = reader_language()
    imported = VarData(imports={MODULE: [ImportVar(tag="namedRegions")]})
    codes = rx.Var.create(calling_codes())
    data = VarData.merge(language._get_all_var_data(), imported)
    return rx.Var(f"namedRegions({language!s}, {codes!s})", _var_type=list[list[str]], _var_data=data).to(
        list[list[str]]
    )
