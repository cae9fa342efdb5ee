// @ts-check
/**
 * The live part of a study's overview: fetched again every few seconds while somebody looks at it.
 * Without scripts the page shows the numbers of the moment it was loaded.
 */

const live = /** @type {HTMLElement | null} */ (document.querySelector("[data-refresh]"));

if (live) {
  const address = live.dataset.refresh ?? "";
  const pause = Number(live.dataset.seconds ?? "5") * 1000;
  // A study so large that its numbers take long to add up is asked less often.
  const restPerWork = 10;
  let took = 0;
  let shown = live.innerHTML;
  let timer = 0;

  const refresh = async () => {
    const asked = performance.now();
    try {
      const response = await fetch(address, { headers: { Accept: "text/html" }, redirect: "error" });
      if (response.status === 404 || response.status === 403) {
        return; // The study or the right to see it is gone: asking again would not bring it back.
      }
      if (response.ok) {
        const next = await response.text();
        if (next !== shown) {
          live.innerHTML = next;
          shown = next;
        }
      }
    } catch {
      // No connection, or logged out elsewhere: the numbers stay as they were, the next turn tries again.
    }
    took = performance.now() - asked;
    wait();
  };

  const wait = () => {
    clearTimeout(timer);
    if (!document.hidden) {
      timer = setTimeout(refresh, Math.max(pause, took * restPerWork));
    }
  };

  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) {
      refresh();
    }
  });
  wait();
}
