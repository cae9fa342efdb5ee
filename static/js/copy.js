// @ts-check
/** Buttons that copy a text of the page. They stay hidden where scripts or the clipboard are missing. */

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copy]"))) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const source = document.querySelector(button.dataset.copy ?? "");
    await navigator.clipboard.writeText(source?.textContent?.trim() ?? "");
    button.textContent = button.dataset.done ?? "";
  });
}
