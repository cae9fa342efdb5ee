"""One simulated person with a browser of their own: opens the link, follows every page, answers, ends.

Nothing is assumed about the order of the pages: each is recognised by its address and its form.
"""

import asyncio
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp

from annotation.crowd.behaviour import Person
from annotation.crowd.pages import Form, Page, read

MOST_PAGES = 5_000
TRIES = 6


class Stuck(Exception):
    """The person could not go on; the message says on which page and why."""


@dataclass(slots=True)
class Journey:
    """What became of one person: `ending` is completed, full, vanished, left or stuck."""

    person: Person
    ending: str = ""
    problem: str = ""
    answers: int = 0
    seconds: list[float] = field(default_factory=list)
    code: str = ""


class Player:
    """Plays one person. `on_answer` is called after every acknowledged answer."""

    def __init__(
        self, person: Person, base: str, study: str, connector: aiohttp.TCPConnector, *, on_answer: Any = None
    ) -> None:
        self.person = person
        self.door = urljoin(base, f"/s/{study}/")
        self.journey = Journey(person)
        self._on_answer = on_answer
        self._session = aiohttp.ClientSession(
            connector=connector,
            connector_owner=False,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            timeout=aiohttp.ClientTimeout(total=60),
        )

    async def close(self) -> None:
        await self._session.close()

    async def take_part(self) -> Journey:
        """From the link to an end. May be called again later by somebody who was told that the study is full."""
        self.journey.ending = ""
        try:
            await self._follow(*await self._get(f"{self.door}?participant={self.person.name}"))
        except (Stuck, aiohttp.ClientError, TimeoutError) as reason:
            self.journey.ending = "stuck"
            self.journey.problem = str(reason) or type(reason).__name__
        return self.journey

    async def reported_gone(self) -> None:
        """The recruiter reports that this person stopped: their seats go back."""
        url, html = await self._get(f"{self.door}leave/")
        form = read(html).form_with("action")
        if form is not None:
            await self._send(url, form, {**form.fixed, "action": "leave"})

    async def _follow(self, url: str, html: str) -> None:
        for _page in range(MOST_PAGES):
            step = urlsplit(url).path.removeprefix(urlsplit(self.door).path).strip("/")
            play = getattr(self, f"_at_{(step or 'door').replace('-', '_')}", None)
            if play is None:
                raise Stuck(f"The page {urlsplit(url).path} is not part of a study.")
            following = await play(url, read(html))
            if following is None:
                return
            url, html = following
        raise Stuck("The study never ended.")

    # Each step returns the page that follows, or None at an end.

    async def _at_door(self, url: str, page: Page) -> tuple[str, str] | None:
        form = next((form for form in page.forms if "participant" in form.fixed), None)
        if form is None:
            self.journey.ending = "full"
            return None
        return await self._send(url, form, form.fixed)

    async def _at_consent(self, url: str, page: Page) -> tuple[str, str]:
        form = _expect(page, "decision", url)
        return await self._send(url, form, {**form.fixed, "decision": "agree"})

    async def _at_about_you(self, url: str, page: Page) -> tuple[str, str]:
        form = next(form for form in page.forms if form.choices or form.texts or form.numbers)
        return await self._send(url, form, self._filled_in(form))

    async def _at_practice(self, url: str, page: Page) -> tuple[str, str]:
        seen = next((form for form in page.forms if "seen" in form.fixed or "seen" in form.buttons), None)
        if seen is not None:
            return await self._send(url, seen, {**seen.fixed, "seen": "1"})
        form = _expect(page, "choice", url)
        choice = self.person.decides(page.situation, form.choices["choice"], [])
        return await self._send(url, form, {**form.fixed, "choice": choice})

    async def _at_task(self, url: str, page: Page) -> tuple[str, str] | None:
        while True:
            if self.journey.answers >= self.person.patience:
                self.journey.ending = "vanished"
                return None
            form = _expect(page, "choice", url)
            started = perf_counter()
            following = await self._send(url, form, self._answer(form, page), script=self.person.uses_script)
            self.journey.seconds.append(perf_counter() - started)
            self.journey.answers += 1
            if self._on_answer is not None:
                self._on_answer()
            if not self.person.uses_script or following[0] != url:
                return following
            page = read(following[1])

    async def _at_debrief(self, url: str, page: Page) -> tuple[str, str]:
        form = _expect(page, "comment", url)
        return await self._send(url, form, {**form.fixed, "comment": ""})

    async def _at_done(self, url: str, page: Page) -> None:
        self.journey.ending = "completed"

    async def _at_ended(self, url: str, page: Page) -> None:
        self.journey.ending = "full"

    def _answer(self, form: Form, page: Page) -> dict[str, str]:
        offered = form.choices["choice"]
        extras = [key for key in offered if key in ("neutral", "not_applicable")]
        shown = [key for key in offered if key not in extras]
        fields = {**form.fixed, "choice": self.person.decides(page.situation, shown, extras)}
        if self.person.uses_script:
            fields |= {
                "response_ms": str(self.person.takes_ms(page.situation)),
                "input": "key",
                "focus_losses": "0",
            }
        if "rationale" in form.texts:
            fields["rationale"] = "It seemed the kinder thing to do for everybody."
        return fields

    def _filled_in(self, form: Form) -> dict[str, str]:
        fields = dict(form.fixed)
        for name, values in form.choices.items():
            fields[name] = self.person.dice.choice(values)
        for name, (least, most) in form.numbers.items():
            fields[name] = str(self.person.dice.randint(int(least or 18), int(most or 80)))
        for name in form.texts:
            fields[name] = "none"
        return fields

    async def _get(self, url: str) -> tuple[str, str]:
        return await self._request("GET", url, None, script=False)

    async def _send(self, url: str, form: Form, fields: dict[str, str], *, script: bool = False) -> tuple[str, str]:
        return await self._request("POST", urljoin(url, form.action or url), fields, script=script)

    async def _request(
        self, method: str, url: str, fields: dict[str, str] | None, *, script: bool
    ) -> tuple[str, str]:
        """Send, and send again after a broken connection or a busy server: a token makes that safe."""
        headers = {"X-Fragment": "1"} if script else {}
        for attempt in range(TRIES):
            try:
                async with self._session.request(method, url, data=fields, headers=headers) as response:
                    body = await response.text()
            except (aiohttp.ClientConnectionError, TimeoutError):
                if attempt == TRIES - 1:
                    raise
            else:
                if response.status < 500:
                    return await self._taken(str(response.url), response, body)
                if attempt == TRIES - 1:
                    raise Stuck(f"{urlsplit(url).path} answered {response.status}.")
            await asyncio.sleep(0.1 * 2**attempt)
        raise Stuck("unreachable")

    async def _taken(self, url: str, response: aiohttp.ClientResponse, body: str) -> tuple[str, str]:
        if "X-Next" in response.headers:
            return await self._get(urljoin(url, response.headers["X-Next"]))
        if response.status >= 400 and response.status != 409:
            raise Stuck(f"{urlsplit(url).path} answered {response.status}: {read(body).text[:200]}")
        return url, body


def _expect(page: Page, field_name: str, url: str) -> Form:
    form = page.form_with(field_name)
    if form is None:
        raise Stuck(f"{urlsplit(url).path} has no form with {field_name!r}: {page.text[:200]}")
    return form
