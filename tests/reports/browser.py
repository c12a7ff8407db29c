"""A page that is open in a browser, and is not to complain."""

from __future__ import annotations

from typing import Any, Self

#: Whether boxes are Tab stops exactly where they have something to scroll.
STOPS = """() => [...document.querySelectorAll(".scroll, .rows, pre")].every(box => {
    if (!box.checkVisibility()) return true
    const { overflowX, overflowY } = getComputedStyle(box)
    const wider = overflowX === "auto" && box.scrollWidth > box.clientWidth
    const scrolls = wider || (overflowY === "auto" && box.scrollHeight > box.clientHeight)
    return scrolls === box.hasAttribute("tabindex")
})"""


class OpenPage:
    """One open page; what it asks of others, and what it complains of, is kept, and must be nothing.

    Args:
        browser: the fixture.
        url: of the page.
        own: beginnings of addresses that it may ask.
        width: in pixels.
        settings: further ones of the browser's context.
    """

    def __init__(self, browser: Any, url: str, own: tuple[str, ...], width: int = 1160, **settings: Any) -> None:
        self.own, self.complaints = own, list[str]()
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, reduced_motion="reduce", **settings
        )
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", self._request)
        self.page.goto(url)

    def expect_stops_where_it_scrolls(self) -> None:
        """Wait until the visible boxes that scroll, and of these no other, are Tab stops."""
        self.page.wait_for_function(STOPS)

    def _dialog(self, dialog: Any) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def _request(self, request: Any) -> None:
        if not request.url.startswith(self.own):
            self.complaints.append(request.url)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *error: object) -> None:
        self.context.close()
        if kind is None:
            assert self.complaints == []
