"""A modal dialog: centred, a sheet on phones. The browser's own `<dialog>` makes the rest of the page inert, keeps the
focus inside and reads it aloud as modal.
"""

from typing import Any

import reflex as rx

# A function of the module, not of a render: React calls a ref anew whenever the function is another.
OPEN = """const openDialog = (dialog) => {
  if (!dialog || dialog.open) return;
  const before = document.activeElement;
  dialog.showModal();
  // no keyboard over the sheet before anything was touched
  if (matchMedia("(pointer: coarse)").matches) dialog.focus();
  else dialog.querySelector("input:not([type=hidden])")?.focus();
  return () => {
    // while it is modal nothing else takes the focus
    dialog.close();
    before?.focus?.();
  };
};"""

STAY = """const stayOpen = (event) => {
  if (event.key === "Escape") event.preventDefault();
};"""


class Dialog(rx.el.Dialog):
    """Opens itself as modal when it is mounted, gives the focus back when it goes."""

    on_cancel: rx.EventHandler[rx.event.no_args_event_spec]

    def add_custom_code(self) -> list[str]:
        return [OPEN, STAY]


def dialog(
    *children: rx.Component, label_id: str, class_name: str = "", on_close: Any = None, **props: Any
) -> rx.Component:
    """A modal dialog named by the element `label_id`. Without `on_close`, Esc does not close it."""
    attributes: dict[str, Any] = {"ref": rx.Var("openDialog"), "tabIndex": -1}
    if on_close is None:
        attributes |= {"closedby": "none", "onKeyDown": rx.Var("stayOpen")}
    else:
        # what the browser says when it is closed by Esc
        props["on_cancel"] = on_close
    return Dialog.create(
        *children, class_name=f"dlg {class_name}".strip(), aria_labelledby=label_id, custom_attrs=attributes, **props
    )
