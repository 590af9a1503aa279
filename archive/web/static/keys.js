// Keys and small comforts; every page works without this file.
"use strict";
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
const move = (by) => {
  const all = rows();
  if (all.length === 0) return;
  const at = all.findIndex((row) => row.classList.contains("here"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
  all.forEach((row) => row.classList.toggle("here", row === next));
  (next.querySelector("a, button, [tabindex]") || next).focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
};
const press = (name) => {
  const place = document.querySelector(".here") || document;
  const button = place.querySelector(`[data-key="${name}"]`);
  if (button) button.click();
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (event.key === "j") move(1);
  else if (event.key === "k") move(-1);
  else if (event.key === "a") press("accept");
  else if (event.key === "e") press("change");
  else if (event.key === "/") document.querySelector("[data-search]")?.focus();
  else return;
  event.preventDefault();
});
const shares = () => document.querySelectorAll("[data-share]").forEach((part) => {
  part.style.flexGrow = part.dataset.share;
});
document.addEventListener("DOMContentLoaded", shares);
document.addEventListener("htmx:after:swap", shares);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
